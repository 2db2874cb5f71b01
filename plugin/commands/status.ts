import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { isNotFound } from '../../operator/kube/error.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import { wantsJson } from '../arguments.ts'
import { asCloud, hypervisors, listAll, openStackClusters, titleOf } from '../cluster.ts'
import type { FoundHypervisor, PluginClient } from '../cluster.ts'
import { outputOption, watchOption } from '../command.ts'
import type { Command, Surroundings } from '../command.ts'
import { graphSteps } from '../graph/steps.ts'
import { fitted, painter } from '../output.ts'
import type { Output } from '../output.ts'
import { follow } from '../follow.ts'
import { changes, statusJson, statusLines } from '../status.ts'
import type { CloudView } from '../status.ts'

export const status: Command = {
  name: 'status',
  synopsis: '[CLOUD] [--watch] [--all] [-o json]',
  about: 'how far a cloud is: what waits for what, what is wrong, hypervisors, endpoints',
  details: `What is ready is a line for each part of the cloud; what is not is a tree, in which each step stands below what it waits for.
With --watch on a terminal the picture is drawn anew at each change, elsewhere each change is a line.`,
  options: {
    all: { type: 'boolean', about: 'a line for each step, ready or not' },
    ...watchOption,
    ...outputOption,
  },
  words: 1,
  run: async (surroundings) => {
    const { given, output, cloud, client, now } = surroundings
    const json = wantsJson(given)
    const found = await cloud(given.positionals[0])
    const api = await client()
    const show = (view: CloudView) => {
      output.write(json ? `${JSON.stringify(statusJson(view), null, 2)}\n` : `${statusLines(view, { ...styleOf(surroundings), now: now() }).join('\n')}\n`)
    }
    if (!given.values['watch']) {
      show(await viewOf(api, found))
      return 0
    }
    await watch(api, found, surroundings, json)
    return 0
  },
}

const styleOf = ({ output, given }: Surroundings) => ({ paint: painter(output), all: given.values['all'] === true })

/** A cloud with its steps' needs and its hypervisors. */
export async function viewOf(client: PluginClient, cloud: OpenStackCluster): Promise<CloudView> {
  const [nodes, { needsOf }] = await Promise.all([hypervisorsOf(client, cloud), import('../graph/needs.ts')])
  return { cloud, steps: graphSteps(cloud, needsOf(cloud)), hypervisors: nodes }
}

async function hypervisorsOf(client: PluginClient, { metadata: { namespace, name } }: OpenStackCluster): Promise<FoundHypervisor[]> {
  try {
    return ownOf(await listAll(client, hypervisors, { namespace }), name)
  } catch (error) {
    // An older operator's cluster has no such kind.
    if (isNotFound(error)) return []
    throw error
  }
}

/** The Hypervisors of a cloud, by their nodes. */
function ownOf(objects: readonly KubeObject[], cloud: string): FoundHypervisor[] {
  const all = objects as unknown as readonly FoundHypervisor[]
  return all.filter(({ spec }) => spec.cluster === cloud).toSorted((a, b) => (a.spec.node < b.spec.node ? -1 : 1))
}

/** Tells of a cloud each time that it or one of its hypervisors has changed. */
async function watch(client: PluginClient, cloud: OpenStackCluster, surroundings: Surroundings, json: boolean): Promise<void> {
  const { output, now, signal } = surroundings
  const { namespace, name } = cloud.metadata
  const { needsOf } = await import('../graph/needs.ts')
  let before: CloudView | undefined
  for await (const [clusters, nodes] of follow(client, [openStackClusters, hypervisors], namespace, signal, output.warn)) {
    const live = clusters?.map(asCloud).find(({ metadata }) => metadata.name === name)
    if (live === undefined) throw new Error(`${titleOf(cloud)} is gone`)
    const view = { cloud: live, steps: graphSteps(live, needsOf(live)), hypervisors: ownOf(nodes ?? [], name) }
    if (json) output.write(`${JSON.stringify(statusJson(view))}\n`)
    else draw(output, before, view, { ...styleOf(surroundings), now: now() })
    before = view
  }
}

function draw(output: Output, before: CloudView | undefined, view: CloudView, style: Parameters<typeof statusLines>[1]): void {
  const size = output.size()
  if (size === undefined) {
    const lines = before === undefined ? statusLines(view, style) : changes(before, view, style.now)
    output.write(lines.map((line) => `${line}\n`).join(''))
    return
  }
  // To the upper left, each line to its end, and what was below is cleared: no blank picture in between.
  const lines = fitted(statusLines(view, style), size)
  output.write(`\u001B[H${lines.map((line) => `${line}\u001B[K\n`).join('')}\u001B[J`)
}
