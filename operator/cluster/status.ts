import { findCondition, setConditions } from '../api/v1alpha1/conditions.ts'
import type { Condition, WantedCondition } from '../api/v1alpha1/conditions.ts'
import type { OpenStackCluster, OpenStackClusterStatus, StatusStep } from '../api/v1alpha1/index.ts'
import { nodesOf } from '../compute/nodes.ts'
import { silentNodesOf } from '../compute/silent.ts'
import type { Scope } from '../model/scope.ts'
import { publicEndpoints, servicesOf } from '../services/wanted.ts'
import { clocksOf } from './clocks.ts'
import { partConditions } from './part-conditions.ts'
import type { PartCondition } from './part-conditions.ts'
import type { PlannedStep } from './plan.ts'

/** The status that a plan gives. Pure; `now` is used only where something changed. */
export function statusOf(cluster: OpenStackCluster, scope: Scope, plan: readonly PlannedStep[], now: Date): OpenStackClusterStatus {
  const steps = plan.map((step) =>
    stepStatus(
      step,
      cluster.status?.steps?.find(({ id }) => id === step.id),
      now,
    ),
  )
  const hypervisors = hypervisorsOf(scope, cluster.status?.hypervisors)
  const wanted = wantedConditions(scope, plan, hypervisors)
  const handled = handledRequest(scope, plan) ?? cluster.status?.lastHandledReconcileAt
  return {
    observedGeneration: cluster.metadata.generation,
    ...(handled === undefined ? {} : { lastHandledReconcileAt: handled }),
    release: scope.spec.release,
    conditions: setConditions(stillWanted(cluster, wanted), wanted, cluster.metadata.generation, now),
    endpoints: endpointsOf(scope),
    hypervisors,
    services: servicesOf(scope.spec).map(({ name }) => ({
      name,
      ready: plan.filter(({ id }) => id.startsWith(`${name}/`)).every(({ state }) => state === 'Ready'),
    })),
    steps,
  }
}

/** The conditions of the whole cluster, and one of each of its parts. */
function wantedConditions(scope: Scope, plan: readonly PlannedStep[], hypervisors: ReturnType<typeof hypervisorsOf>): WantedCondition[] {
  const names = servicesOf(scope.spec).map(({ name }) => name)
  return [...conditionsOf(plan, hypervisors), ...partConditions(plan, names, hypervisors)]
}

/** The conditions from before without those of parts that were switched off. */
function stillWanted({ status }: OpenStackCluster, wanted: readonly WantedCondition[]): Condition[] {
  const types = new Set<string>(wanted.map(({ type }) => type))
  return (status?.conditions ?? []).filter(({ type }) => types.has(type))
}

/** The wish to look at the outside again, once every step has; what waits for another step is looked at when that is ready. */
function handledRequest(scope: Scope, plan: readonly PlannedStep[]): string | undefined {
  const { reconcileRequestedAt } = scope
  const answered = ({ id, call, callStamp, waitsFor }: PlannedStep) =>
    waitsFor.length === 0 && (call === undefined || scope.outside(id, call)?.stamp === callStamp)
  return reconcileRequestedAt !== '' && plan.every(answered) ? reconcileRequestedAt : undefined
}

/** The parts of the cloud that the status has a condition of. */
function partsOf({ status }: OpenStackCluster): PartCondition[] {
  return (status?.conditions ?? []).map(({ type }) => type).filter((type): type is PartCondition => type !== 'Ready' && type.endsWith('Ready'))
}

/** The status of a cluster that cannot be planned: one sentence, everything else as it was. How its parts are is not known. */
export function blockedStatus(cluster: OpenStackCluster, condition: { reason: string; message: string; stalled: boolean }, now: Date): OpenStackClusterStatus {
  const { reason, message, stalled } = condition
  const state = (type: WantedCondition['type'], status: 'True' | 'False'): WantedCondition => ({ type, status, reason, message })
  const wanted = [
    state('Ready', 'False'),
    state('Progressing', stalled ? 'False' : 'True'),
    state('Degraded', stalled ? 'True' : 'False'),
    state('Reconciling', stalled ? 'False' : 'True'),
    state('Stalled', stalled ? 'True' : 'False'),
    ...partsOf(cluster).map((type): WantedCondition => ({ type, status: 'Unknown', reason, message: `nobody looks at it: ${message}` })),
  ]
  return {
    ...cluster.status,
    observedGeneration: cluster.metadata.generation,
    conditions: setConditions(cluster.status?.conditions, wanted, cluster.metadata.generation, now),
  }
}

function stepStatus(step: PlannedStep, before: StatusStep | undefined, now: Date): StatusStep {
  const time = now.toISOString()
  const possible = step.waitsFor.length === 0
  return {
    id: step.id,
    state: step.state,
    ...(step.waitsFor.length > 0 ? { waitsFor: [...step.waitsFor] } : {}),
    ...(step.message ? { message: step.message.slice(0, 1024) } : {}),
    ...(before?.possibleAt || possible ? { possibleAt: before?.possibleAt ?? time } : {}),
    ...(before?.startedAt || possible ? { startedAt: before?.startedAt ?? time } : {}),
    ...(before?.readyAt || step.state === 'Ready' ? { readyAt: before?.readyAt ?? time } : {}),
  }
}

function hypervisorsOf(scope: Scope, before: OpenStackClusterStatus['hypervisors']): NonNullable<OpenStackClusterStatus['hypervisors']> {
  const labelled = nodesOf(scope, 'hypervisor')
  const facts = scope.outside('compute/services')?.data?.compute
  const silent = silentNodesOf(scope).length
  const more = { ...(silent === 0 ? {} : { silentNodes: silent }), ...clocksOf(scope, before) }
  // Not asked yet, for these nodes or since the operator started: what was known is still the best guess.
  if (facts === undefined) {
    const up = Math.min(before?.up ?? 0, labelled.length)
    const servers = before?.servers === undefined ? {} : { servers: before.servers }
    return { labelled: labelled.length, up, summary: `${up}/${labelled.length}`, ...servers, ...more }
  }
  const up = labelled.filter((host) => facts.some((fact) => fact.host === host && fact.up && fact.mapped)).length
  // Those of hosts that lost their label as well: they are the cloud's guests as long as they are there.
  const servers = facts.reduce((sum, fact) => sum + fact.servers, 0)
  return { labelled: labelled.length, up, summary: `${up}/${labelled.length}`, servers, ...more }
}

function endpointsOf(scope: Scope): NonNullable<OpenStackClusterStatus['endpoints']> {
  return publicEndpoints(scope.spec).map(({ name, app }) => ({ service: name, public: scope.publicUrl(app), internal: scope.internalUrl(app) }))
}

/** Ready for people, Reconciling and Stalled for kstatus. What a step waits for is in the message, so that `kubectl get` tells it. */
export function conditionsOf(plan: readonly PlannedStep[], hypervisors: { labelled: number; up: number }): WantedCondition[] {
  const ready = plan.filter(({ state }) => state === 'Ready').length
  const failed = plan.filter(({ state }) => state === 'Failed')
  const [first] = failed
  if (ready === plan.length) {
    const message = `${ready} of ${plan.length} steps are ready, ${hypervisors.up} of ${hypervisors.labelled} hypervisors are up`
    const fine = { reason: 'Ready', message }
    return [
      { type: 'Ready', status: 'True', ...fine },
      { type: 'Progressing', status: 'False', ...fine },
      { type: 'Degraded', status: 'False', ...fine },
      { type: 'Reconciling', status: 'False', ...fine },
      { type: 'Stalled', status: 'False', ...fine },
    ]
  }
  const progress = progressMessage(plan, ready)
  if (first === undefined) {
    const going = { reason: 'Progressing', message: progress }
    return [
      { type: 'Ready', status: 'False', ...going },
      { type: 'Progressing', status: 'True', ...going },
      { type: 'Degraded', status: 'False', reason: 'NoProblem', message: 'no step has failed' },
      { type: 'Reconciling', status: 'True', ...going },
      { type: 'Stalled', status: 'False', reason: 'NoProblem', message: 'no step has failed' },
    ]
  }
  const reason = first.problem?.reason ?? 'StepFailed'
  const message = failed
    .map(({ id, message }) => `${id}: ${message}`)
    .join('; ')
    .slice(0, 4096)
  // Only when nothing else is under way is a person needed; until then it may still mend itself.
  const stalled = plan.every(({ state }) => state !== 'Progressing')
  const bad = { reason, message }
  return [
    { type: 'Ready', status: 'False', ...bad },
    { type: 'Progressing', status: stalled ? 'False' : 'True', reason, message: stalled ? message : progress },
    { type: 'Degraded', status: 'True', ...bad },
    { type: 'Reconciling', status: stalled ? 'False' : 'True', reason, message: stalled ? message : progress },
    { type: 'Stalled', status: stalled ? 'True' : 'False', ...bad },
  ]
}

function progressMessage(plan: readonly PlannedStep[], ready: number): string {
  const running = plan.filter(({ state }) => state === 'Progressing').map(({ id, message }) => `${id} (${message})`)
  const waiting = plan.filter(({ state }) => state === 'Waiting').map(({ id, waitsFor }) => `${id} waits for ${waitsFor.join(', ')}`)
  return [`${ready} of ${plan.length} steps are ready`, ...running, ...waiting].join('; ').slice(0, 4096)
}

/**
 * The status of a cluster that is left alone: what is seen of it, and that nothing is done about it. Where it was never looked at as a whole, it is
 * what it was.
 */
export function pausedStatus(
  cluster: OpenStackCluster,
  seen: { readonly scope: Scope; readonly plan: readonly PlannedStep[] } | undefined,
  now: Date,
): OpenStackClusterStatus {
  const status = seen === undefined ? { ...cluster.status, observedGeneration: cluster.metadata.generation } : statusOf(cluster, seen.scope, seen.plan, now)
  const why = 'spec.paused is true: the operator leaves the cluster alone'
  const paused = { status: 'False' as const, reason: 'Paused', message: why }
  // One that was never looked at has no other conditions, and kstatus takes an object without any for done.
  const unseen = seen === undefined && findCondition(cluster.status?.conditions, 'Ready') === undefined
  const found = seen === undefined ? [] : wantedConditions(seen.scope, seen.plan, hypervisorsOf(seen.scope, cluster.status?.hypervisors)).map(unlessGoing)
  const wanted: WantedCondition[] = [
    ...found,
    ...(unseen ? [{ ...paused, type: 'Ready' as const, status: 'Unknown' as const }] : []),
    { type: 'Progressing', ...paused },
    { type: 'Reconciling', ...paused },
  ]
  const before = seen === undefined ? cluster.status?.conditions : stillWanted(cluster, wanted)
  return { ...status, conditions: setConditions(before, lastOf(wanted), cluster.metadata.generation, now) }

  /** What would be under way is not. */
  function unlessGoing(condition: WantedCondition): WantedCondition {
    return condition.reason === 'Progressing' ? { ...condition, reason: 'Paused', message: `${why}; ${condition.message}` } : condition
  }
}

/** One condition of each type: that which was said last. */
function lastOf(wanted: readonly WantedCondition[]): WantedCondition[] {
  return [...new Map(wanted.map((condition) => [condition.type, condition])).values()]
}
