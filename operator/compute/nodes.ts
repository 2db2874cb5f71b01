import { labels } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import type { NodeTerms } from '../workloads/daemonset.ts'

/** The two things that a node can be for a cloud. */
export type NodeRole = 'hypervisor' | 'network'

function selectorOf(scope: Pick<Scope, 'spec'>, role: NodeRole): Readonly<Record<string, string>> {
  return role === 'hypervisor' ? scope.spec.hypervisors.nodeSelector : scope.spec.networkNodes.nodeSelector
}

/** Terms that match the nodes of any of the roles. */
export function nodeTerms(scope: Scope, ...roles: readonly NodeRole[]): NodeTerms {
  return roles.map((role) => {
    const selector = Object.entries(selectorOf(scope, role))
    if (selector.length === 0) return [{ key: labels[role], operator: 'Exists' as const }]
    return selector.map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }))
  })
}

/** Names of the nodes that have at least one of the roles, sorted. */
export function nodesOf(scope: Pick<Scope, 'spec' | 'nodes'>, ...roles: readonly NodeRole[]): string[] {
  return scope.nodes
    .filter((node) => roles.some((role) => matches(node, scope, role)))
    .map((node) => node.metadata.name)
    .toSorted()
}

function matches(node: KubeObject, scope: Pick<Scope, 'spec'>, role: NodeRole): boolean {
  const have = node.metadata.labels ?? {}
  const selector = Object.entries(selectorOf(scope, role))
  if (selector.length === 0) return labels[role] in have
  return selector.every(([key, value]) => have[key] === value)
}

/** How a person gives a node a role: the remedy in messages. */
export function howToLabel(scope: Scope, role: NodeRole): string {
  const selector = Object.entries(selectorOf(scope, role)).map(([key, value]) => `${key}=${value}`)
  return `kubectl label node NODE ${selector.length === 0 ? `${labels[role]}=` : selector.join(' ')}`
}
