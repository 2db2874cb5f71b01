// npm test: all layers of the tests, or those that are named.

import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sum, totalLine } from './counts.ts'
import { layers } from './layers.ts'
import { runLayers, summary } from './run.ts'

const root = join(import.meta.dirname, '..')
const names = layers.map(({ name }) => name)

const USAGE = `Usage: npm test -- [LAYER…]

Runs the layers that are named, or all but the last one, in this order; where one fails, the later ones are not run:

  unit         types, lint, format, generated files, and the tests beside the code
  simulation   the operator in bad weather, ten thousand times, without anything real
  integration  against a real etcd and kube-apiserver, without nodes
  chart        the Helm chart and the manifests
  e2e          a whole cloud on an embedded Kubernetes; takes long
  gitops       the operator and a cloud by a real Argo CD, which is built first; runs only where it is named

The last line is "N passed, N failed". The exit code is 0 only when every layer ran and nothing failed.
`

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const unknown = positionals.filter((name) => !names.includes(name))
  if (unknown.length > 0) {
    console.error(`There is no layer ${unknown.join(', ')}; there are ${names.join(', ')}.`)
    return 2
  }
  const wanted = positionals.length > 0 ? layers.filter(({ name }) => positionals.includes(name)) : layers.filter(({ onRequest }) => !onRequest)
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)))
  const results = await runLayers(wanted, { root, signal: interrupted.signal, print: console.log })
  const total = sum(results.map(({ counts }) => counts))
  console.log(`\n${summary(wanted, results).join('\n')}\n`)
  console.log(totalLine(total))
  if (interrupted.signal.aborted) return 130
  return total.failed === 0 && results.length === wanted.length ? 0 : 1
}

process.exitCode = await main(process.argv.slice(2))
