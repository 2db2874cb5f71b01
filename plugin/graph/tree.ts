import type { StepState } from '../../operator/api/v1alpha1/index.ts'
import { reduced } from './steps.ts'
import type { GraphStep } from './steps.ts'

/** A step below the one of its needs that it comes after, and what it needs besides. */
export interface Branch {
  readonly step: GraphStep
  readonly also: readonly string[]
  readonly children: readonly Branch[]
}

/** What keeps others waiting comes first. */
const urgency: Readonly<Record<StepState, number>> = { Failed: 3, Progressing: 2, Waiting: 1, Ready: 0 }

/**
 * A graph as a forest, in which each step is once: below the need that keeps it waiting, or the one that was ready last. Pure.
 */
export function forest(steps: readonly GraphStep[]): Branch[] {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const needs = reduced(steps.map(({ id, needs }) => ({ id, needs: needs.filter((need) => byId.has(need)) })))
  const parentOf = (id: string): string | undefined =>
    needs
      .get(id)
      ?.flatMap((need) => byId.get(need) ?? [])
      .toSorted((a, b) => urgency[b.state] - urgency[a.state] || Date.parse(b.readyAt ?? '') - Date.parse(a.readyAt ?? '') || 0)
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
