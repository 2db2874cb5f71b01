import type { RandomBytes } from './random.ts'

// Keystone's key repository as JSON, file name → key: 0 is the staged key, the highest number the primary one, which tokens are made with; all of them
// open tokens (Keystone's documentation, "Fernet - Frequently Asked Questions").

/** A repository with a staged and a primary key. */
export function newFernetRepository(random: RandomBytes): string {
  return JSON.stringify({ 0: fernetKey(random), 1: fernetKey(random) })
}

/**
 * The repository after a rotation, as `keystone-manage fernet_rotate` does it: the staged key becomes the primary one, a new one is staged, and the
 * oldest are dropped where there are more than `keep`. A process that has not read the new repository yet opens new tokens all the same, since they
 * are made with the key that it has as the staged one.
 */
export function rotateFernetRepository(repository: string, keep: number, random: RandomBytes): string {
  const { 0: staged, ...active } = fernetFiles(repository)
  if (staged === undefined) throw new TypeError('a fernet key repository must have a staged key, file 0')
  const primary = Math.max(0, ...Object.keys(active).map(Number)) + 1
  const numbers = [...Object.keys(active).map(Number), primary].toSorted((a, b) => b - a).slice(0, keep - 1)
  const keys: Record<string, string> = { ...active, [primary]: staged }
  return JSON.stringify({ 0: fernetKey(random), ...Object.fromEntries(numbers.map((number) => [number, keys[number]])) })
}

/**
 * How many keys a repository must hold so that none is dropped while a token that it opens may still be shown: Keystone's own formula for
 * [fernet_tokens] max_active_keys. All three times in minutes; `window` is [token] allow_expired_window, for which expired tokens of long operations
 * are still opened.
 */
export function fernetKeysToKeep(times: { readonly expiration: number; readonly window: number; readonly rotation: number }): number {
  return Math.ceil((times.expiration + times.window) / times.rotation) + 2
}

/** As cryptography.fernet makes it: 32 random bytes in url-safe base64 with padding. */
export function fernetKey(random: RandomBytes): string {
  return random(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** Whether a text is such a key. */
export function isFernetKey(text: string): boolean {
  return /^[\w-]{43}=$/.test(text)
}

/** The files of a repository. Throws where it is none (somebody edited the Secret). */
export function fernetFiles(repository: string): Record<string, string> {
  const files: unknown = JSON.parse(repository)
  if (files === null || typeof files !== 'object' || Array.isArray(files)) throw new TypeError('a fernet key repository must be an object of file name → key')
  return Object.fromEntries(
    Object.entries(files).map(([name, key]) => {
      if (!/^\d+$/.test(name) || typeof key !== 'string') throw new TypeError(`file ${JSON.stringify(name)} is none of a fernet key repository`)
      return [name, key]
    }),
  )
}

/** What makes a text no key repository that Keystone can work with: it needs a staged key and a primary one, each of 32 bytes. */
export function fernetFault(repository: string): string | undefined {
  const fault = 'is no key repository: an object of file number → key, with 0, the staged key, and a primary key, each 32 bytes in url-safe base64'
  try {
    const files = fernetFiles(repository)
    const sound = files['0'] !== undefined && Object.keys(files).length >= 2 && Object.values(files).every(isFernetKey)
    return sound ? undefined : fault
  } catch {
    return fault
  }
}
