// Prometheus and promtool, out of Debian's package: built from their Go module they take every cloud's client library with them. And the definitions of
// Prometheus' operator.

import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { goPackageFolder } from './build.ts'
import { cachedFolder, cacheFolder } from './cache.ts'
import { run } from './command.ts'
import { updateLists } from './host.ts'
import type { HostOptions } from './host.ts'

const PROGRAMS = ['prometheus', 'promtool']

/**
 * A folder with prometheus and promtool: where they are installed, else one of the cache. Of the package only the programs are kept, and nothing is
 * installed. Throws where there is neither the programs nor an apt that has them.
 */
export async function ensurePrometheus(options: HostOptions = {}): Promise<string> {
  const installed = (process.env['PATH'] ?? '').split(':').find((folder) => PROGRAMS.every((name) => existsSync(join(folder, name))))
  if (installed !== undefined) return installed
  return cachedFolder(cacheFolder('prometheus'), async (out) => {
    const unpacked = join(out, 'package')
    await mkdir(unpacked)
    const archive = await download(out, options)
    options.onUpdate?.('unpacking prometheus')
    await run('dpkg-deb', ['--extract', archive, unpacked])
    for (const name of PROGRAMS) await rename(join(unpacked, 'usr', 'bin', name), join(out, name))
    await rm(unpacked, { recursive: true })
    await rm(archive)
  })
}

/** Fetches the package into a folder. Returns its path. */
async function download(folder: string, options: HostOptions): Promise<string> {
  // As whoever we are: apt's own user may not write there.
  const fetch = () =>
    run('apt-get', ['-q', '-o', 'APT::Sandbox::User=root', 'download', 'prometheus'], { cwd: folder, signal: options.signal, onLine: options.onUpdate })
  try {
    await fetch()
  } catch {
    options.signal?.throwIfAborted()
    // The lists may be missing, or older than what the mirror has.
    await updateLists('prometheus', options)
    await fetch()
  }
  const archive = (await readdir(folder)).find((name) => name.endsWith('.deb'))
  if (archive === undefined) throw new Error('apt-get has downloaded no package of Prometheus: install prometheus, which brings promtool, then start again.')
  return join(folder, archive)
}

/** The Go module that has the definitions of Prometheus' operator. */
const OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0'

/** Paths of the CRDs ServiceMonitor and PrometheusRule, which the chart makes objects of and does not bring. */
export async function prometheusDefinitions(options: HostOptions = {}): Promise<string[]> {
  const files = ['servicemonitors', 'prometheusrules'].map((plural) => `monitoring.coreos.com_${plural}.yaml`)
  const folder = await cachedFolder(cacheFolder('prometheus-operator', OPERATOR.slice(OPERATOR.indexOf('@') + 1)), async (out) => {
    options.onUpdate?.(OPERATOR)
    const source = await goPackageFolder(undefined, OPERATOR)
    for (const file of files) await copyFile(join(source, 'example', 'prometheus-operator-crd', file), join(out, file))
  })
  return files.map((file) => join(folder, file))
}
