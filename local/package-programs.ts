// Programs out of a Debian package that is not installed: what a machine needs no more of than that.

import { existsSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedFolder, cacheFolder } from './cache.ts'
import { run } from './command.ts'
import { updateLists } from './host.ts'
import type { HostOptions } from './host.ts'

/**
 * A folder with the programs of a package: where they are installed, else one of the cache. Of the package only the programs are kept, and nothing is
 * installed. Throws where there is neither the programs nor an apt that has them.
 */
export async function programsOfPackage(name: string, programs: readonly string[], options: HostOptions = {}): Promise<string> {
  const installed = (process.env['PATH'] ?? '').split(':').find((folder) => programs.every((program) => existsSync(join(folder, program))))
  if (installed !== undefined) return installed
  return cachedFolder(cacheFolder(name), async (out) => {
    const unpacked = join(out, 'package')
    await mkdir(unpacked)
    const archive = await download(name, out, options)
    options.onUpdate?.(`unpacking ${name}`)
    await run('dpkg-deb', ['--extract', archive, unpacked])
    for (const program of programs) await rename(join(unpacked, 'usr', 'bin', program), join(out, program))
    await rm(unpacked, { recursive: true })
    await rm(archive)
  })
}

/** Fetches the package into a folder. Returns its path. */
async function download(name: string, folder: string, options: HostOptions): Promise<string> {
  // As whoever we are: apt's own user may not write there.
  const fetch = () =>
    run('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: folder, signal: options.signal, onLine: options.onUpdate })
  try {
    await fetch()
  } catch {
    options.signal?.throwIfAborted()
    // The lists may be missing, or older than what the mirror has.
    await updateLists(name, options)
    await fetch()
  }
  const archive = (await readdir(folder)).find((file) => file.endsWith('.deb'))
  if (archive === undefined) throw new Error(`apt-get has downloaded no package ${name}: install it, then start again.`)
  return join(folder, archive)
}
