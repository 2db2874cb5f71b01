import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { kubectlProgram } from '../local/helm.ts'
import { kubectlOf } from '../local/kubectl.ts'
import type { Kubectl } from '../local/kubectl.ts'
import { LOCAL_FOLDER } from '../local/up/access.ts'
import { hasOwnCluster } from '../local/up/target.ts'
import type { StatsSummary } from './footprint-table.ts'

/** The kubeconfig of the cluster that is measured; `undefined`: the one that KUBECONFIG names. Throws where there is none. */
export function benchKubeconfig(): string | undefined {
  if (hasOwnCluster()) return undefined
  const kubeconfig = join(LOCAL_FOLDER, 'kubeconfig')
  if (!existsSync(kubeconfig)) throw new Error('there is no cloud to measure: "npm run up" makes one')
  return kubeconfig
}

/** A kubectl for the cluster that is measured. */
export async function benchKubectl(): Promise<Kubectl> {
  return kubectlOf(await kubectlProgram(), benchKubeconfig())
}

/** What each node's kubelet says of its containers. */
export async function statsSummaries(kubectl: Kubectl): Promise<StatsSummary[]> {
  const nodes = (await kubectl.run(['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(' ')
  return Promise.all(nodes.map(async (node) => JSON.parse(await kubectl.run(['get', '--raw', `/api/v1/nodes/${node}/proxy/stats/summary`])) as StatsSummary))
}
