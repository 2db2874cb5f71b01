import type { Preview } from '../../operator/cluster/preview.ts'
import type { KubeObject } from '../../operator/kube/types.ts'

/** What a preview is told with. */
export interface Findings {
  /** `namespace/name` of the cluster. */
  readonly name: string
  /** Lines about fields of the spec. */
  readonly fields: readonly string[]
  readonly preview: Preview
  /** Workloads whose pods would be replaced, with the pods that there are. */
  readonly rolled: readonly { readonly workload: KubeObject; readonly pods: readonly KubeObject[] }[]
}

/** A preview for a person to read. No content of a Secret is in it. */
export function describe({ name, fields, preview, rolled }: Findings): string {
  const { changes, removed, restarts, asked, failed } = preview
  const made = changes.filter(({ live }) => live === undefined)
  const changed = changes.filter(({ live }) => live !== undefined)
  const pods = [
    ...rolled.map(({ workload, pods: old }) => `${title(workload)}: ${old.map(title).join(', ') || 'no pod is there'}`),
    ...restarts.map(({ pod, node, secret }) => `Pod ${pod}: starts anew on ${node} by itself, within two minutes (Secret ${secret})`),
  ]
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['fields', fields],
    ['refused by the operator, what runs stays', failed.map(({ step, message }) => `${step}: ${message}`)],
    ['objects that would be made', made.map(({ desired }) => title(desired))],
    ['objects that would be changed', changed.map(({ desired, path }) => `${title(desired)} (${path})`)],
    ['objects that would be removed', removed.map(title)],
    ['pods that would be replaced', pods],
    ['asked anew outside of Kubernetes', asked],
  ]
  const lines = parts.flatMap(([what, list]) => (list.length === 0 ? [] : [`${what}:`, ...list.map((each) => `  ${each}`)]))
  return [`OpenStackCluster ${name}`, ...(lines.length === 0 ? ['nothing would change'] : lines), ''].join('\n')
}

function title({ kind, metadata }: KubeObject): string {
  return `${kind} ${metadata.name}`
}

/** Lines about what differs between two values, by its path. */
export function changedFields(before: unknown, after: unknown, path = 'spec'): string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (!isFields(before) || !isFields(after)) return [`${path}: ${word(before)} → ${word(after)}`]
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((key) => changedFields(before[key], after[key], `${path}.${key}`))
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function word(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value)
}
