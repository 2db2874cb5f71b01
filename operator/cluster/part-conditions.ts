import type { WantedCondition } from '../api/v1alpha1/conditions.ts'
import { someOf } from '../config/some-of.ts'
import type { PlannedStep } from './plan.ts'

/** Steps that are no service's, by the first part of their id. */
const parts: Readonly<Record<string, PartCondition>> = {
  mariadb: 'DatabaseReady',
  rabbitmq: 'MessagingReady',
  memcached: 'CacheReady',
  etcd: 'CoordinationReady',
  compute: 'HypervisorsReady',
  identity: 'BootstrapReady',
  bootstrap: 'BootstrapReady',
}

/** The type of the condition of one part of a cloud, e.g. `KeystoneReady`. */
export type PartCondition = `${string}Ready`

/** Longest message. */
const MESSAGE = 1024

/** The counts of the hypervisors, as the status has them. */
export interface HypervisorCounts {
  readonly labelled: number
  readonly up: number
  readonly servers?: number | undefined
}

/**
 * One condition for each service that the cloud has, for each thing that they stand on, for the hypervisors and for what is declared. What is switched
 * off has none. Pure.
 */
export function partConditions(plan: readonly PlannedStep[], services: readonly string[], hypervisors: HypervisorCounts): WantedCondition[] {
  const wanted = new Set(services)
  const typeOf = ({ id }: PlannedStep): PartCondition | undefined => {
    const [part = ''] = id.split('/')
    return parts[part] ?? (wanted.has(part) ? serviceCondition(part) : undefined)
  }
  const conditions: WantedCondition[] = []
  for (const [type, steps] of Map.groupBy(plan, typeOf)) {
    if (type === undefined) continue
    const { status, reason, message } = stateOf(steps)
    const counts = type === 'HypervisorsReady' ? `${hypervisorSentence(hypervisors)}; ` : ''
    conditions.push({ type, status, reason, message: `${counts}${message}`.slice(0, MESSAGE) })
  }
  return conditions
}

/** `KeystoneReady` of `keystone`. */
export function serviceCondition(service: string): PartCondition {
  return `${service.charAt(0).toUpperCase()}${service.slice(1)}Ready`
}

function stateOf(steps: readonly PlannedStep[]): Pick<WantedCondition, 'status' | 'reason' | 'message'> {
  const of = (state: PlannedStep['state']) => steps.filter((step) => step.state === state)
  const ready = of('Ready')
  const failed = of('Failed')
  const running = of('Progressing')
  const summary = `${ready.length} of ${steps.length} ${steps.length === 1 ? 'step is' : 'steps are'} ready`
  if (ready.length === steps.length) return { status: 'True', reason: 'Ready', message: summary }
  const [first] = failed
  if (first !== undefined) {
    const message = someOf(
      failed.map(({ id, message }) => `${id}: ${message}`),
      '; ',
    )
    return { status: 'False', reason: first.problem?.reason ?? 'StepFailed', message }
  }
  if (running.length > 0) {
    const doing = someOf(
      running.map(({ id, message }) => `${id} (${message})`),
      '; ',
    )
    return { status: 'False', reason: 'Progressing', message: `${summary}; ${doing}` }
  }
  // Each waits for others of the same part, or for steps elsewhere: these are what a person looks at next.
  const own = new Set(steps.map(({ id }) => id))
  const others = new Set(of('Waiting').flatMap(({ waitsFor }) => waitsFor.filter((id) => !own.has(id))))
  return { status: 'False', reason: 'Waiting', message: `${summary}; the rest waits for ${someOf([...others])}` }
}

function hypervisorSentence({ labelled, up, servers }: HypervisorCounts): string {
  const guests = servers === undefined ? '' : ` with ${servers} ${servers === 1 ? 'guest' : 'guests'}`
  return `${up} of ${labelled} hypervisors ${labelled === 1 ? 'is' : 'are'} up${guests}`
}
