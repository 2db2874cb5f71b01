import { someOf } from '../config/some-of.ts'
import type { KubeObject } from '../kube/types.ts'
import { isReady, readyCondition } from '../model/node.ts'
import type { Problem } from '../model/problem.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { HypervisorFacts } from '../openstack/compute.ts'
import { nodesOf } from './nodes.ts'

/** Says which nodes of the cloud take no part. Nothing needs it, and it needs nothing: everything else goes on without them, and they are welcome back. */
export function silentStep(scope: Scope): Step {
  return { id: 'compute/nodes', needs: [], problem: () => silentProblem(scope) }
}

/** The cloud's nodes, hypervisors and network nodes, that take no part now, by name. */
export function silentNodesOf(scope: Pick<Scope, 'spec' | 'nodes'>): KubeObject[] {
  const names = new Set(nodesOf(scope, 'hypervisor', 'network'))
  return scope.nodes.filter((node) => names.has(node.metadata.name) && !isReady(node)).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
}

/** Since when Kubernetes has not heard of a node, or it has said that it is not ready (RFC 3339). */
export function silentSince(node: KubeObject): string {
  return readyCondition(node)?.lastTransitionTime ?? node.metadata.creationTimestamp ?? ''
}

function silentProblem(scope: Scope): Problem | undefined {
  const silent = silentNodesOf(scope)
  if (silent.length === 0) return undefined
  const hypervisors = new Set(nodesOf(scope, 'hypervisor'))
  const facts = scope.outside('compute/services')?.data?.compute
  const sentences = silent.map((node) => {
    const { name } = node.metadata
    const condition = readyCondition(node)
    const why = condition?.status === 'False' ? `: ${condition.message ?? ''}` : ''
    const isHypervisor = hypervisors.has(name)
    const guests = isHypervisor ? guestSentence(facts?.find(({ host }) => host === name)) : ''
    return `${isHypervisor ? 'hypervisor' : 'network node'} ${name} is ${why === '' ? 'silent' : 'not ready'} since ${silentSince(node)}${why}${guests}`
  })
  return {
    reason: 'NodeSilent',
    message: `${someOf(sentences, '; ')}; everything else goes on, and a node that comes back takes its place again (docs/operations.md, "A node that is silent")`,
  }
}

/** What is known of the guests, in words. */
function guestSentence(fact: HypervisorFacts | undefined): string {
  if (fact?.up) return ', though Nova still hears of it: its guests are as Nova says'
  if (fact?.guests === undefined) return ''
  if (fact.guests.length === 0) return ', no guest was on it'
  return `, and nobody knows how its guests are: ${someOf(fact.guests.map(({ name, status }) => `${name} (${status} before)`))}`
}
