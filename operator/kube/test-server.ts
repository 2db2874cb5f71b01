import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { connect } from './rest-client.ts'
import type { KubeClient, ServiceClient } from './client.ts'
import type { ConnectOptions } from './rest-client.ts'

/** A request that the API server of a test was sent, to be answered by the test. */
export class Exchange {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingMessage['headers']
  /** As it came. */
  readonly body: string
  /** Port of the client's end of the connection: equal for requests on the same one. */
  readonly connection: number
  readonly response: ServerResponse

  constructor(request: IncomingMessage, response: ServerResponse, body: string) {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://test')
    this.method = request.method ?? ''
    this.path = pathname
    this.query = Object.fromEntries(searchParams)
    this.headers = request.headers
    this.body = body
    this.connection = request.socket.remotePort ?? 0
    this.response = response
  }

  answer(status: number, body: unknown, headers: Record<string, string> = {}): void {
    this.response.writeHead(status, headers).end(JSON.stringify(body))
  }

  /** Sends events of a watch and leaves it open. */
  send(...events: unknown[]): void {
    if (!this.response.headersSent) this.response.writeHead(200).flushHeaders()
    for (const event of events) this.response.write(`${JSON.stringify(event)}\n`)
  }
}

/** An API server for the time of a test, that answers nothing by itself. */
export interface TestApi {
  readonly client: KubeClient & ServiceClient
  readonly url: string
  /** The next request. Throws when none comes. */
  next(): Promise<Exchange>
  /** Requests that came and were not taken. */
  readonly waiting: readonly Exchange[]
}

export async function testApi(
  t: TestContext,
  options: Omit<ConnectOptions, 'kubeconfig'> & { readonly user?: unknown; readonly path?: string } = {},
): Promise<TestApi> {
  const { user = {}, path = '', ...connectOptions } = options
  const waiting: Exchange[] = []
  let arrived = Promise.withResolvers<void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      waiting.push(new Exchange(request, response, Buffer.concat(chunks).toString()))
      arrived.resolve()
    })
  })
  const url = `http://127.0.0.1:${await listen(t, server)}${path}`
  const client = await connect({ kubeconfig: kubeconfig(t, { server: url, 'insecure-skip-tls-verify': true }, user), ...connectOptions })
  t.after(() => client.close())
  const next = async (): Promise<Exchange> => {
    const timeout = setTimeout(() => arrived.reject(new Error('no request came')), 10_000)
    while (waiting.length === 0) {
      await arrived.promise
      arrived = Promise.withResolvers<void>()
    }
    clearTimeout(timeout)
    const [exchange] = waiting.splice(0, 1)
    if (exchange === undefined) throw new Error('no request came')
    return exchange
  }
  return { client, url, next, waiting }
}

/** Lets a server listen for the time of a test. Returns its port. */
export async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server of the test has no port')
  return address.port
}

/** A kubeconfig file for the time of a test. */
export function kubeconfig(t: TestContext, cluster: unknown, user: unknown): string {
  const directory = mkdtempSync(join(tmpdir(), 'kube-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const file = join(directory, 'config')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'test', user }],
  }
  writeFileSync(file, JSON.stringify(config))
  return file
}
