import { createHash } from 'node:crypto'
import { Agent, ProxyAgent } from 'undici'
import type { Dispatcher } from 'undici'
import type { Access } from './credentials.ts'

/**
 * Requests at a time; more wait in undici's queue. Watches, which each hold a connection for minutes, have connections of their own, so that
 * they never keep a request waiting.
 */
const REQUESTS = 16
/** An address that swallows packets is noticed after this time, in ms. */
const CONNECT_TIMEOUT = 10_000
/** The API server closes an idle connection after 90 s; we do so before. */
const IDLE = 60_000
/** A peer that vanished is noticed although nothing is sent, in ms. */
const PROBE = 15_000

/** Open connections that the same credentials may share. */
export interface Connections {
  readonly requests: Dispatcher
  readonly watches: Dispatcher
}

/** The connections to the API server, made anew when the credentials of TLS change (a client certificate was renewed). */
export class ConnectionPool {
  #access: Access | undefined
  #key: string | undefined
  #connections: Connections | undefined
  #closed = false

  /** Connections for this access. Throws after `close`. */
  for(access: Access): Connections {
    if (this.#closed) throw new Error('the client is closed')
    if (this.#connections !== undefined && this.#access === access) return this.#connections
    this.#access = access
    const key = keyOf(access)
    if (this.#connections !== undefined && this.#key === key) return this.#connections
    const old = this.#connections
    this.#key = key
    this.#connections = { requests: open(access, REQUESTS), watches: open(access, null) }
    // What runs on the old ones may end in peace.
    if (old !== undefined) for (const dispatcher of [old.requests, old.watches]) dispatcher.close().catch(() => undefined)
    return this.#connections
  }

  /** Lets requests end, and ends watches. */
  async close(): Promise<void> {
    const connections = this.#connections
    this.#closed = true
    this.#connections = undefined
    if (connections !== undefined) await Promise.all([connections.requests.close(), connections.watches.destroy()])
  }
}

function open({ tls, proxy }: Access, connections: number | null): Dispatcher {
  const common = { connections, keepAliveTimeout: IDLE, keepAliveMaxTimeout: IDLE, allowH2: false }
  const secrets = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined))
  if (proxy === undefined) return new Agent({ ...common, connect: { timeout: CONNECT_TIMEOUT, keepAlive: true, keepAliveInitialDelay: PROBE, ...secrets } })
  if (!/^https?:/.test(proxy)) throw new Error(`the kubeconfig's proxy ${new URL(proxy).protocol} is not supported, only http and https`)
  return new ProxyAgent({ ...common, uri: proxy, requestTls: secrets })
}

function keyOf({ server, proxy, tls }: Access): string {
  return createHash('sha256')
    .update(JSON.stringify([server, proxy, tls]))
    .digest('hex')
}
