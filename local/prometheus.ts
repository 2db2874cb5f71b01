// Prometheus and promtool, out of Debian's package: built from their Go module they take every cloud's client library with them. And the definitions of
// Prometheus' operator.

import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { goPackageFolder } from './build.ts'
import { cachedFolder, cacheFolder } from './cache.ts'
import type { HostOptions } from './host.ts'
import { programsOfPackage } from './package-programs.ts'

/** A folder with prometheus and promtool. Throws where there is neither the programs nor an apt that has them. */
export function ensurePrometheus(options: HostOptions = {}): Promise<string> {
  return programsOfPackage('prometheus', ['prometheus', 'promtool'], options)
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
