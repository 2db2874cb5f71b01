// npm run bench -- NAME: what is measured on a running cloud.

import { controlLoop } from './control-loop.ts'
import { dashboard } from './dashboard.ts'
import { footprint } from './footprint.ts'

const benches: Readonly<Record<string, (argv: readonly string[]) => Promise<void>>> = { 'control-loop': controlLoop, dashboard, footprint }

const USAGE = `Usage: npm run bench -- NAME [OPTIONS]

  control-loop  how soon a change is applied, what the operator uses at rest, and what it writes then
  dashboard     how long a warm dashboard takes for its log-in page
  footprint     resident memory of each container of the cloud and of the operator

With KUBECONFIG set, that cluster's cloud; else that of "npm run up".
`

const [name = '--help', ...argv] = process.argv.slice(2)
const bench = benches[name]
if (bench !== undefined) await bench(argv)
else if (name === '--help' || name === '-h') console.log(USAGE)
else {
  console.error(`There is no bench ${name}.\n\n${USAGE}`)
  process.exitCode = 2
}
