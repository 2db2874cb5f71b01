import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'

/** Where everything is kept that is slow to make and the same for each checkout. */
export function cacheFolder(...parts: string[]): string {
  const base = process.env['XDG_CACHE_HOME']
  return join(base === undefined || base === '' ? join(homedir(), '.cache') : base, 'teruwa', ...parts)
}

/** 10 hex digits that change when any of the inputs does. */
export function hashOf(...inputs: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256')
  for (const input of inputs) hash.update(`${input.length}:`).update(input)
  return hash.digest('hex').slice(0, 10)
}

/**
 * A folder of the cache, made by `make` if it is not there. It appears whole or not at all: an interrupted
 * `make` leaves nothing that a later call would take for done.
 */
export async function cachedFolder(folder: string, make: (temporary: string) => Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder
  await mkdir(dirname(folder), { recursive: true })
  const temporary = await mkdtemp(`${folder}.`)
  try {
    await make(temporary)
    await rename(temporary, folder)
  } catch (error) {
    await rm(temporary, { recursive: true, force: true })
    // Somebody else made it meanwhile: theirs is as good.
    if (!existsSync(folder)) throw error
  }
  return folder
}
