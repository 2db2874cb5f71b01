import { differs } from '../kube/apply.ts'
import type { KubeObject } from '../kube/types.ts'
import type { OutsideCall } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import type { Problem, Step } from '../model/step.ts'
import type { StepState } from '../api/v1alpha1/index.ts'
import { verdictOf } from './readiness.ts'
import type { Verdict } from './readiness.ts'

/** One step, evaluated. */
export interface PlannedStep {
  readonly id: string
  readonly state: StepState
  /** Needs that are not ready. */
  readonly waitsFor: readonly string[]
  readonly message: string
  readonly problem?: Problem
  readonly objects: readonly KubeObject[]
  /** What to write now; empty while the step waits. */
  readonly changes: readonly Change[]
  /** What to call now; undefined while the step waits. */
  readonly call?: OutsideCall
  /** Jobs that failed, to be replaced in time. */
  readonly failedJobs: readonly KubeObject[]
}

/** An object that is missing or not as wanted. */
export interface Change {
  readonly desired: KubeObject
  readonly live?: KubeObject
}

/** All steps evaluated against one scope. Pure: the same scope gives the same plan. */
export function makePlan(scope: Scope, steps: readonly Step[]): PlannedStep[] {
  const planned = new Map<string, PlannedStep>()
  for (const step of inOrder(steps)) planned.set(step.id, planStep(scope, step, planned))
  return [...planned.values()]
}

function planStep(scope: Scope, step: Step, planned: ReadonlyMap<string, PlannedStep>): PlannedStep {
  const objects = step.objects?.(scope) ?? []
  const waitsFor = step.needs.filter((need) => planned.get(need)?.state !== 'Ready')
  const common = { id: step.id, objects, waitsFor }
  if (waitsFor.length > 0) {
    return { ...common, state: 'Waiting', message: `waits for ${waitsFor.join(', ')}`, changes: [], failedJobs: [] }
  }
  const changes: Change[] = []
  const verdicts: Verdict[] = []
  const failedJobs: KubeObject[] = []
  for (const desired of objects) {
    const live = scope.live(desired.kind, desired.metadata.name)
    if (live === undefined || differs(desired, live) !== undefined) {
      changes.push({ desired, ...(live ? { live } : {}) })
      verdicts.push({ ready: false, message: `${live ? 'changing' : 'making'} ${desired.kind} ${desired.metadata.name}` })
      continue
    }
    const verdict = verdictOf(live, scope.pods(desired.metadata.name))
    if (!verdict.ready && verdict.failed) failedJobs.push(live)
    verdicts.push(verdict)
  }
  const call = step.outside?.(scope)
  const result = call === undefined ? undefined : scope.outside(step.id)
  if (call !== undefined && !result?.ready)
    verdicts.push({ ready: false, message: result?.message ?? 'asking', ...(result?.problem ? { problem: result.problem } : {}) })
  const hindrance = step.problem?.(scope)
  if (hindrance !== undefined) verdicts.unshift({ ready: false, message: hindrance.message, problem: hindrance })
  return { ...common, ...summary(verdicts), changes, failedJobs, ...(call ? { call } : {}) }
}

function summary(verdicts: readonly Verdict[]): Pick<PlannedStep, 'state' | 'message' | 'problem'> {
  const unready = verdicts.filter((verdict) => !verdict.ready)
  const problem = unready.find((verdict) => verdict.problem !== undefined)?.problem
  if (problem !== undefined) return { state: 'Failed', message: problem.message, problem }
  const [first] = unready
  if (first === undefined) return { state: 'Ready', message: '' }
  return { state: 'Progressing', message: first.message }
}

/** The steps so that each comes after its needs. Throws on a cycle or an unknown need: both are mistakes in a definition. */
export function inOrder(steps: readonly Step[]): Step[] {
  const byId = new Map(steps.map((step) => [step.id, step]))
  const done = new Set<string>()
  const order: Step[] = []
  const visit = (step: Step, path: readonly string[]): void => {
    if (done.has(step.id)) return
    if (path.includes(step.id)) throw new Error(`steps need each other in a circle: ${[...path, step.id].join(' → ')}`)
    for (const need of step.needs) {
      const other = byId.get(need)
      if (other === undefined) throw new Error(`step ${step.id} needs ${need}, which is no step`)
      visit(other, [...path, step.id])
    }
    done.add(step.id)
    order.push(step)
  }
  for (const step of steps) visit(step, [])
  return order
}
