import { createHash } from 'node:crypto'
import type { CephPool } from '../api/v1alpha1/index.ts'
import { renderIni } from '../config/ini.ts'
import { namedSecretText } from '../model/named-secrets.ts'
import type { NamedSecret } from '../model/named-secrets.ts'
import type { Scope } from '../model/scope.ts'
import { DeclarationError } from '../openstack/error.ts'

/** A pool of Ceph's as one of our processes uses it. */
export interface CephClient {
  /** Where the CR describes it, e.g. `services.glance.rbd`. */
  readonly field: string
  readonly pool: CephPool
}

/**
 * The client's file for librados: monitors and key. Throws a DeclarationError where the Secret with the key is missing or holds none.
 */
export function cephConf(scope: Scope, client: CephClient): string {
  const { monitors, user } = client.pool
  return renderIni({ global: { mon_host: monitors }, [`client.${user}`]: { key: cephKey(scope, client) } })
}

/** The client's keyring, for what does not read the file for librados. */
export function cephKeyring(scope: Scope, client: CephClient): string {
  return renderIni({ [`client.${client.pool.user}`]: { key: cephKey(scope, client) } })
}

/**
 * Files with a client's key, of the Secret `secret`, by their keys there. While the client's own Secret is missing, or holds no key, they are those that
 * run: what uses them goes on, and its step says what is missing.
 */
export function cephFiles(scope: Scope, { pool }: CephClient, secret: string, files: Readonly<Record<string, () => string>>): [key: string, text: string][] {
  const text = scope.namedSecret(pool.keyringSecret)
  if (text !== undefined && findKey(text, pool.user) !== undefined) return Object.entries(files).map(([key, render]) => [key, render()])
  const running = scope.live('Secret', secret)?.data ?? {}
  return Object.keys(files).flatMap((key): [string, string][] => {
    const kept = running[key]
    return kept === undefined ? [] : [[key, Buffer.from(kept, 'base64').toString()]]
  })
}

/** The Secret with a client's key. */
export function keyringOf({ field, pool }: CephClient): NamedSecret {
  return { field: `${field}.keyringSecret`, secret: pool.keyringSecret }
}

/** The key of the client's user. Throws a DeclarationError where there is none. */
export function cephKey(scope: Scope, { field, pool }: CephClient): string {
  const text = namedSecretText(scope, keyringOf({ field, pool }))
  const key = findKey(text, pool.user)
  if (key === undefined) {
    const { name, key: entry } = pool.keyringSecret
    throw new DeclarationError(
      'Refused',
      `${field}.keyringSecret: ${entry} of Secret ${name} holds no key of client.${pool.user}: put there what "ceph auth get client.${pool.user}" says`,
    )
  }
  return key
}

const KEY = /^[A-Za-z0-9+/]{38,}={0,2}$/

/** The key of a user in a keyring, or a text that is nothing but a key. */
export function findKey(text: string, user: string): string | undefined {
  const lines = text.split('\n').map((line) => line.trim())
  const start = lines.indexOf(`[client.${user}]`)
  const section = start < 0 ? [] : lines.slice(start + 1)
  const end = section.findIndex((line) => line.startsWith('['))
  const found = (end < 0 ? section : section.slice(0, end)).map((line) => /^key\s*=\s*(\S+)$/.exec(line)?.[1]).find((key) => key !== undefined)
  const key = found ?? text.trim()
  return KEY.test(key) ? key : undefined
}

/**
 * The beginning of a command line: what follows starts once the pool can be used; until then the container ends with a sentence that says why not. Throws
 * a DeclarationError where there is no key.
 */
export function whenUsable(scope: Scope, client: CephClient, conf: string): string[] {
  // Without a key it need not be tried.
  cephKey(scope, client)
  const { field, pool } = client
  return ['wait-for-pool', field, pool.user, pool.pool, conf]
}

/** The id of libvirt's secret with the key of a backend: the same as long as the cloud lives (RFC 9562, version 8: a hash of our own). */
export function libvirtSecretId({ uid }: Pick<Scope, 'uid'>, backend: string): string {
  const hex = createHash('sha256').update(`${uid} ${backend}`).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
