import type { StatusSilentNode } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import { isReady, readyCondition } from '../model/node.ts'
import type { Problem } from '../model/problem.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { HypervisorFacts } from '../openstack/compute.ts'
import { nodesOf } from './nodes.ts'

/** So many guests of a silent node are named in a message. */
const NAMED = 5

/** Says which nodes of the cloud take no part. Nothing needs it, and it needs nothing: everything else goes on without them, and they are welcome back. */
export function silentStep(scope: Scope): Step {
  return { id: 'compute/nodes', needs: [], problem: () => silentProblem(scope) }
}

/** The cloud's nodes that take no part, as the status shows them. What Nova says of their guests stays as it was until it is asked again. */
export function silentNodesOf(
  scope: Pick<Scope, 'spec' | 'nodes' | 'outside'>,
  before: readonly StatusSilentNode[] | undefined,
): StatusSilentNode[] | undefined {
  const asked = scope.outside('compute/services')?.data?.compute
  const silent = ofCloud(scope)
    .filter((node) => !isReady(node))
    .map((node): StatusSilentNode => {
      const { name } = node.metadata
      const fact = asked === undefined ? before?.find((each) => each.node === name) : guestsOf(asked, name)
      return {
        node: name,
        since: readyCondition(node)?.lastTransitionTime ?? node.metadata.creationTimestamp ?? '',
        ...(fact?.novaCompute === undefined ? {} : { novaCompute: fact.novaCompute }),
        ...(fact?.servers === undefined ? {} : { servers: fact.servers }),
      }
    })
  return silent.length === 0 ? undefined : silent
}

function guestsOf(facts: readonly HypervisorFacts[], host: string): Partial<Pick<StatusSilentNode, 'novaCompute' | 'servers'>> {
  const fact = facts.find((each) => each.host === host)
  if (fact === undefined) return {}
  return { novaCompute: fact.up ? 'up' : 'down', ...(fact.guests ? { servers: fact.guests.map((guest) => ({ ...guest })) } : {}) }
}

function ofCloud(scope: Pick<Scope, 'spec' | 'nodes'>): KubeObject[] {
  const names = new Set(nodesOf(scope, 'hypervisor', 'network'))
  return scope.nodes.filter(({ metadata }) => names.has(metadata.name)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

function silentProblem(scope: Scope): Problem | undefined {
  const silent = silentNodesOf(scope, undefined) ?? []
  if (silent.length === 0) return undefined
  const hypervisors = new Set(nodesOf(scope, 'hypervisor'))
  const sentences = silent.map((each) => {
    const node = scope.nodes.find(({ metadata }) => metadata.name === each.node)
    const why = node && readyCondition(node)?.status === 'False' ? `: ${readyCondition(node)?.message ?? ''}` : ''
    const what = hypervisors.has(each.node) ? 'hypervisor' : 'network node'
    return `${what} ${each.node} is ${why === '' ? 'silent' : 'not ready'} since ${each.since}${why}${hypervisors.has(each.node) ? guestSentence(each) : ''}`
  })
  return {
    reason: 'NodeSilent',
    message: `${sentences.join('; ')}; everything else goes on, and a node that comes back takes its place again (docs/operations.md, "A node that is silent")`,
  }
}

/** What is known of the guests, in words. */
function guestSentence({ novaCompute, servers }: StatusSilentNode): string {
  if (novaCompute === 'up') return ', though Nova still hears of it: its guests are as Nova says'
  if (novaCompute === undefined || servers === undefined) return ''
  if (servers.length === 0) return ', no guest was on it'
  const named = servers.slice(0, NAMED).map(({ name, status }) => `${name} (${status} before)`)
  const more = servers.length > NAMED ? ` and ${servers.length - NAMED} more` : ''
  return `, and nobody knows how its guests are: ${named.join(', ')}${more}`
}
