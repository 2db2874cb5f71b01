import type { OpenStackCluster, StatusStep } from '../../operator/api/v1alpha1/index.ts'

/** A step of the status, and the steps that it needs. */
export type GraphStep = StatusStep & { readonly needs: readonly string[] }

/**
 * The steps that the status tells of, with their needs. An operator of another version may have other steps than this plugin knows: of those, what they wait
 * for is all that can be said. Pure.
 */
export function graphSteps({ status }: Pick<OpenStackCluster, 'status'>, needs: ReadonlyMap<string, readonly string[]>): GraphStep[] {
  const steps = status?.steps ?? []
  const ids = new Set(steps.map(({ id }) => id))
  return steps.map((step) => ({ ...step, needs: [...new Set([...(needs.get(step.id) ?? []), ...(step.waitsFor ?? [])])].filter((id) => ids.has(id)) }))
}

/** A node of any graph of needs. */
export interface Needing {
  readonly id: string
  readonly needs: readonly string[]
}

/** The needs of each node without those that another need implies. */
export function reduced(nodes: readonly Needing[]): ReadonlyMap<string, readonly string[]> {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return new Map(
    nodes.map(({ id, needs }) => {
      const implied = new Set(needs.flatMap((need) => [...ancestors(need, byId)]))
      return [id, needs.filter((need) => !implied.has(need))]
    }),
  )
}

function ancestors(id: string, byId: ReadonlyMap<string, Needing>): Set<string> {
  const found = new Set<string>()
  const visit = (each: string) => {
    for (const need of byId.get(each)?.needs ?? []) {
      if (found.has(need)) continue
      found.add(need)
      visit(need)
    }
  }
  visit(id)
  return found
}
