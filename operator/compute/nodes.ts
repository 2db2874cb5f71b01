import { labels } from '../api/v1alpha1/index.ts'
import { howToChoose, isChosen, nodeTerm } from '../model/node-choice.ts'
import type { NodeChoice, NodeTerms } from '../model/node-choice.ts'
import type { Scope } from '../model/scope.ts'

/** The two things that a node can be for a cloud. */
export type NodeRole = 'hypervisor' | 'network'

function choiceOf({ spec }: Pick<Scope, 'spec'>, role: NodeRole): NodeChoice {
  const { nodeSelector } = role === 'hypervisor' ? spec.hypervisors : spec.networkNodes
  return { selector: nodeSelector, label: labels[role] }
}

/** Terms that match the nodes of any of the roles. */
export function nodeTerms(scope: Scope, ...roles: readonly NodeRole[]): NodeTerms {
  return roles.map((role) => nodeTerm(choiceOf(scope, role)))
}

/** Names of the nodes that have at least one of the roles, sorted. */
export function nodesOf(scope: Pick<Scope, 'spec' | 'nodes'>, ...roles: readonly NodeRole[]): string[] {
  return scope.nodes
    .filter((node) => roles.some((role) => isChosen(node, choiceOf(scope, role))))
    .map((node) => node.metadata.name)
    .toSorted()
}

/** How a person gives a node a role: the remedy in messages. */
export function howToLabel(scope: Pick<Scope, 'spec'>, role: NodeRole): string {
  return howToChoose(choiceOf(scope, role))
}
