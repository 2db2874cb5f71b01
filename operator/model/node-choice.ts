import type { KubeObject } from '../kube/types.ts'

/** Which nodes a DaemonSet runs on: those that match at least one of the terms. */
export type NodeTerms = readonly (readonly { readonly key: string; readonly operator: 'Exists' | 'In'; readonly values?: readonly string[] }[])[]

/** Nodes as a CR chooses them: by labels of the user's own; where there are none, by the operator's label with any value. */
export interface NodeChoice {
  readonly selector: Readonly<Record<string, string>>
  readonly label: string
}

/** The term that matches the chosen nodes. */
export function nodeTerm({ selector, label }: NodeChoice): NodeTerms[number] {
  return isEmpty(selector) ? [{ key: label, operator: 'Exists' }] : labelTerm(selector)
}

/** The term that matches nodes with all of these labels. */
export function labelTerm(selector: NodeChoice['selector']): NodeTerms[number] {
  return Object.entries(selector).map(([key, value]) => ({ key, operator: 'In' as const, values: [value] }))
}

/** Whether a node is one of the chosen ones. */
export function isChosen(node: KubeObject, { selector, label }: NodeChoice): boolean {
  return isEmpty(selector) ? label in (node.metadata.labels ?? {}) : hasLabels(node, selector)
}

/** Whether a node has all of these labels. */
export function hasLabels({ metadata }: KubeObject, selector: NodeChoice['selector']): boolean {
  return Object.entries(selector).every(([key, value]) => metadata.labels?.[key] === value)
}

/** How a person chooses a node: the remedy in messages. */
export function howToChoose({ selector, label }: NodeChoice): string {
  const labels = Object.entries(selector).map(([key, value]) => `${key}=${value}`)
  return `kubectl label node NODE ${labels.length === 0 ? `${label}=` : labels.join(' ')}`
}

function isEmpty(selector: NodeChoice['selector']): boolean {
  return Object.keys(selector).length === 0
}
