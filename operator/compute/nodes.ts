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
    const selector = selectorOf(scope, role)
    return Object.keys(selector).length === 0 ? [{ key: labels[role], operator: 'Exists' as const }] : labelTerm(selector)
  })
}

/** The term that matches nodes with all of these labels. */
export function labelTerm(selector: Readonly<Record<string, string>>): NodeTerms[number] {
  return Object.entries(selector).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }))
}

/** Whether a node has all of these labels. */
export function hasLabels({ metadata }: KubeObject, selector: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value)
}

/** Names of the nodes that have at least one of the roles, sorted. */
export function nodesOf(scope: Pick<Scope, 'spec' | 'nodes'>, ...roles: readonly NodeRole[]): string[] {
  return scope.nodes
    .filter((node) => roles.some((role) => matches(node, scope, role)))
    .map((node) => node.metadata.name)
    .toSorted()
}

function matches(node: KubeObject, scope: Pick<Scope, 'spec'>, role: NodeRole): boolean {
  const selector = selectorOf(scope, role)
  return Object.keys(selector).length === 0 ? labels[role] in (node.metadata.labels ?? {}) : hasLabels(node, selector)
}

/** How a person gives a node a role: the remedy in messages. */
export function howToLabel(scope: Scope, role: NodeRole): string {
  const selector = Object.entries(selectorOf(scope, role)).map(([key, value]) => `${key}=${value}`)
  return `kubectl label node NODE ${selector.length === 0 ? `${labels[role]}=` : selector.join(' ')}`
}
