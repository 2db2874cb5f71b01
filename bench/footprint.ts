import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { kubectlProgram } from '../local/helm.ts'
import { kubectlOf } from '../local/kubectl.ts'
import { LOCAL_FOLDER } from '../local/up/access.ts'
import { hasOwnCluster } from '../local/up/target.ts'
import { footprint, footprintTable } from './footprint-table.ts'
import type { StatsSummary } from './footprint-table.ts'

const USAGE = `Usage: npm run bench:footprint

Prints the resident memory of each container of the cloud and of the operator, as the kubelets count it (no page cache). With KUBECONFIG set,
that cluster's; else that of "npm run up".
`

async function main(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: { help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const kubectl = kubectlOf(await kubectlProgram(), hasOwnCluster() ? undefined : join(LOCAL_FOLDER, 'kubeconfig'))
  const nodes = (await kubectl.run(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ')
  const summaries = await Promise.all(
    nodes.map(async (node) => JSON.parse(await kubectl.run(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`])) as StatsSummary),
  )
  console.log(footprintTable(footprint(summaries)))
}

await main(process.argv.slice(2))
