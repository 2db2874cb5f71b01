import { differs } from '../kube/apply.ts'
import type { KubeObject } from '../kube/types.ts'
import { silentNodes } from '../model/node.ts'
import type { OutsideCall } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import { DeclarationError } from '../openstack/error.ts'
import type { Problem } from '../model/problem.ts'
import type { Step } from '../model/step.ts'
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
  /** Changes when one of the step's Jobs ends, and when somebody asks for a look at the outside: the call's answer is old then. */
  readonly callStamp: string
  /** Jobs that failed, to be replaced in time. */
  readonly failedJobs: readonly KubeObject[]
  /** Not all of its objects are known, since it could not be built or has not been answered yet: none of the cluster's may be removed. */
  readonly incomplete: boolean
}

/** An object that is missing or not as wanted. */
export interface Change {
  readonly desired: KubeObject
  readonly live?: KubeObject
}

/** All steps evaluated against one scope. Pure: the same scope gives the same plan. */
export function makePlan(scope: Scope, steps: readonly Step[]): PlannedStep[] {
  const planned = new Map<string, PlannedStep>()
  const silent = silentNodes(scope)
  for (const step of inOrder(steps)) planned.set(step.id, planStep(scope, step, planned, silent))
  return [...planned.values()]
}

function planStep(scope: Scope, step: Step, planned: ReadonlyMap<string, PlannedStep>, silent: ReadonlySet<string>): PlannedStep {
  const waitsFor = step.needs.filter((need) => planned.get(need)?.state !== 'Ready')
  const nothing = { id: step.id, waitsFor, objects: [], changes: [], failedJobs: [], callStamp: '', incomplete: false }
  let built: { objects: readonly KubeObject[]; call: OutsideCall | undefined }
  try {
    built = { objects: step.objects?.(scope) ?? [], call: step.outside?.(scope) }
  } catch (error) {
    // What the CR asks for cannot be expressed (a newline in an option, a user that nobody declared); the other steps go on.
    const reason = error instanceof DeclarationError ? error.reason : 'InvalidSpec'
    const problem = { reason, message: error instanceof Error ? error.message : String(error) }
    return { ...nothing, state: 'Failed', message: problem.message, problem, incomplete: true }
  }
  const { objects, call } = built
  const incomplete = call !== undefined && scope.outside(step.id) === undefined
  if (waitsFor.length > 0) return { ...nothing, objects, incomplete, state: 'Waiting', message: `waits for ${waitsFor.join(', ')}` }
  const changes: Change[] = []
  const verdicts: Verdict[] = []
  const failedJobs: KubeObject[] = []
  const endedJobs: string[] = []
  for (const desired of objects) {
    const live = scope.live(desired.kind, desired.metadata.name)
    // A Job is named by what it does and cannot be edited: one that is there is the right one.
    if (live === undefined || (desired.kind !== 'Job' && differs(desired, live) !== undefined)) {
      changes.push({ desired, ...(live ? { live } : {}) })
      verdicts.push({ ready: false, message: `${live ? 'changing' : 'making'} ${desired.kind} ${desired.metadata.name}` })
      continue
    }
    const verdict = verdictOf(live, scope.pods(desired.metadata.name), silent)
    if (!verdict.ready && verdict.failed) failedJobs.push(live)
    if (live.kind === 'Job' && verdict.ready) endedJobs.push(live.metadata.uid ?? '')
    verdicts.push(verdict)
  }
  const result = call === undefined ? undefined : scope.outside(step.id, call)
  const believed = call !== undefined && scope.outside(step.id) === undefined && scope.wasReady(step.id)
  if (call !== undefined && !result?.ready && !believed)
    verdicts.push({ ready: false, message: result?.message ?? 'asking', ...(result?.problem ? { problem: result.problem } : {}) })
  const hindrance = step.problem?.(scope)
  if (hindrance !== undefined) verdicts.unshift({ ready: false, message: hindrance.message, problem: hindrance })
  const callStamp = [...endedJobs, scope.reconcileRequestedAt].join(' ')
  return { ...nothing, objects, incomplete, ...summary(verdicts, step.progress?.(scope)), changes, failedJobs, callStamp, ...(call ? { call } : {}) }
}

function summary(verdicts: readonly Verdict[], progress = ''): Pick<PlannedStep, 'state' | 'message' | 'problem'> {
  const unready = verdicts.filter((verdict) => !verdict.ready)
  const problem = unready.find((verdict) => verdict.problem !== undefined)?.problem
  if (problem !== undefined) return { state: 'Failed', message: problem.message, problem }
  const [first] = unready
  if (first === undefined) return { state: 'Ready', message: '' }
  return { state: 'Progressing', message: progress || first.message }
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
