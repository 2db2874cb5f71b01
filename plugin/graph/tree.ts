import { reduced } from './steps.ts'
import type { GraphStep } from './steps.ts'

/** A step below the one of its needs that it comes after, and what it needs besides. */
export interface Branch {
  readonly step: GraphStep
  readonly also: readonly string[]
  readonly children: readonly Branch[]
}

/** Weighs more than any number of steps. */
const FAILED = 10_000

/**
 * A graph as a forest, in which each step is once: below the need that will keep it waiting longest, as far as can be told, or that was ready last. Pure.
 */
export function forest(steps: readonly GraphStep[]): Branch[] {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const needs = reduced(steps.map(({ id, needs }) => ({ id, needs: needs.filter((need) => byId.has(need)) })))
  const weights = weightsOf(steps, needs)
  const parentOf = (id: string): string | undefined =>
    needs
      .get(id)
      ?.flatMap((need) => byId.get(need) ?? [])
      .toSorted((a, b) => (weights.get(b.id) ?? 0) - (weights.get(a.id) ?? 0) || Date.parse(b.readyAt ?? '') - Date.parse(a.readyAt ?? '') || 0)
      .at(0)?.id
  const parents = new Map(steps.map(({ id }) => [id, parentOf(id)]))
  const below = Map.groupBy(steps, ({ id }) => parents.get(id))
  const branch = (step: GraphStep): Branch => ({
    step,
    also: (needs.get(step.id) ?? []).filter((need) => need !== parents.get(step.id)),
    children: (below.get(step.id) ?? []).map(branch),
  })
  return (below.get(undefined) ?? []).map(branch)
}

/** How long each step will keep others waiting: so many steps come one after the other until it is ready, and one that failed weighs more than all of them. */
function weightsOf(steps: readonly GraphStep[], needs: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, number> {
  const states = new Map(steps.map(({ id, state }) => [id, state]))
  const weights = new Map<string, number>()
  const weigh = (id: string): number => {
    const known = weights.get(id)
    if (known !== undefined) return known
    const state = states.get(id)
    // Before its needs, so that a circle ends.
    weights.set(id, 0)
    const weight = state === 'Ready' ? 0 : Math.max(0, ...(needs.get(id) ?? []).map(weigh)) + (state === 'Failed' ? FAILED : 1)
    weights.set(id, weight)
    return weight
  }
  for (const { id } of steps) weigh(id)
  return weights
}

/** The lines of a forest, drawn with lines between them. */
export function treeLines(branches: readonly Branch[], line: (branch: Branch) => string): string[] {
  return branches.flatMap((branch) => [line(branch), ...childLines(branch.children, line, '')])
}

function childLines(children: readonly Branch[], line: (branch: Branch) => string, before: string): string[] {
  return children.flatMap((child, index) => {
    const last = index === children.length - 1
    return [`${before}${last ? '└─' : '├─'} ${line(child)}`, ...childLines(child.children, line, `${before}${last ? '   ' : '│  '}`)]
  })
}
