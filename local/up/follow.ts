import type { OpenStackClusterStatus, StatusStep } from '../../operator/api/v1alpha1/index.ts'
import type { StepState, Steps } from '../progress.ts'
import type { Kubectl } from '../kubectl.ts'
import type { DeclaredCloud } from './manifest.ts'
import type { Span } from './timeline.ts'

/** The part of an OpenStackCluster that is followed. */
export interface ObservedCloud {
  readonly metadata: { readonly generation: number }
  readonly status?: OpenStackClusterStatus
}

const STATES: Readonly<Record<string, StepState>> = { Waiting: 'waiting', Progressing: 'running', Failed: 'failed' }

/** How a step of the status is shown. */
export function shown({ state, waitsFor = [], message = '' }: StatusStep): { state: StepState; message: string } {
  if (state === 'Ready') return { state: 'done', message: '' }
  // The display says "waits" by itself, and the operator may say the same names in its message.
  const named = message.replace(/^waits for /, 'for ')
  const text =
    waitsFor.length > 0 && !waitsFor.every((need) => named.includes(need))
      ? [`for ${waitsFor.join(', ')}`, named].filter((part) => part !== '').join('; ')
      : named
  return { state: STATES[state] ?? 'running', message: text }
}

/** How far a cloud is, in a few words: its own message names every step that is shown below it anyway. */
function extent(steps: readonly StatusStep[], message: string): string {
  return steps.length === 0 ? message : `${steps.filter(({ state }) => state === 'Ready').length} of ${steps.length} steps are ready`
}

/** What the conditions of this very operator say of the generation that was applied: ready, not yet (with what is known), or stalled for good. */
export function verdict({ metadata, status }: ObservedCloud, operator: string): { ready: boolean; stalled?: string; message: string } {
  const said = status?.operator === operator ? (status.conditions ?? []) : []
  const current = said.filter(({ observedGeneration = 0 }) => observedGeneration >= metadata.generation)
  const one = (type: string) => current.find((condition) => condition.type === type)
  const ready = one('Ready')
  const stalled = one('Stalled')
  return {
    ready: ready?.status === 'True',
    message: ready === undefined ? 'the operator has not seen it yet' : `${ready.reason}: ${ready.message}`,
    ...(stalled?.status === 'True' ? { stalled: `${stalled.reason}: ${stalled.message}` } : {}),
  }
}

/** Collects when the steps of a status could start, started and were ready, and what they were seen to wait for. */
export class StepLog {
  readonly #needs = new Map<string, Set<string>>()
  #steps: readonly StatusStep[] = []

  see(steps: readonly StatusStep[]): void {
    this.#steps = steps
    for (const { id, waitsFor = [] } of steps) {
      const needs = this.#needs.get(id) ?? new Set()
      for (const need of waitsFor) needs.add(need)
      this.#needs.set(id, needs)
    }
  }

  /** The steps that are ready, by now. */
  spans(): Span[] {
    return this.#steps.flatMap(({ id, possibleAt, startedAt, readyAt }) => {
      if (readyAt === undefined) return []
      const end = Date.parse(readyAt)
      const start = startedAt === undefined ? end : Date.parse(startedAt)
      const possible = possibleAt === undefined ? start : Math.min(start, Date.parse(possibleAt))
      return [{ id, kind: 'cloud' as const, possible, start, end, needs: [...(this.#needs.get(id) ?? [])] }]
    })
  }
}

/** So long a cloud must say that it is stalled, in ms: what it lacked may have come with what was just applied, and the operator looks again after 5 s. */
const STALLED_MS = 12_000

/** Shows the steps of a cloud until it is ready. Throws what the operator says when it has given up, or how far it came by the end of the time. */
export async function followCloud(
  cloud: DeclaredCloud,
  kubectl: Kubectl,
  progress: { steps: Steps; update(message: string): void; log: StepLog },
  limits: { operator: string; timeoutMs: number; signal?: AbortSignal },
): Promise<ObservedCloud> {
  const timeout = AbortSignal.timeout(limits.timeoutMs)
  const givenUp = new AbortController()
  const signal = AbortSignal.any([timeout, givenUp.signal, ...(limits.signal ? [limits.signal] : [])])
  let patience: NodeJS.Timeout | undefined
  let last: ObservedCloud | undefined
  try {
    await kubectl.watchObject(
      ['openstackclusters.openstack.teruwa.io', cloud.name, '--namespace', cloud.namespace],
      (object) => {
        last = object as ObservedCloud
        const { ready, stalled, message } = verdict(last, limits.operator)
        const steps = last.status?.steps ?? []
        progress.log.see(steps)
        for (const step of steps) progress.steps.set(step.id, shown(step))
        progress.update(extent(steps, message))
        clearTimeout(patience)
        if (stalled !== undefined) patience = setTimeout(() => givenUp.abort(new Error(`The operator has given up on ${cloud.name}: ${stalled}`)), STALLED_MS)
        return ready
      },
      signal,
    )
  } catch (error) {
    if (givenUp.signal.aborted) throw givenUp.signal.reason
    if (!timeout.aborted || limits.signal?.aborted) throw error
    throw new Error(notInTime(cloud, last, limits), { cause: error })
  } finally {
    clearTimeout(patience)
  }
  if (!last) throw new Error(`${cloud.name} was never seen`)
  return last
}

function notInTime(cloud: DeclaredCloud, last: ObservedCloud | undefined, { operator, timeoutMs }: { operator: string; timeoutMs: number }): string {
  const open = (last?.status?.steps ?? []).filter(({ state }) => state === 'Failed' || state === 'Progressing')
  const list = open.map((step) => `\n  ${step.id}: ${step.state} ${shown(step).message}`).join('')
  return `${cloud.name} is not ready after ${timeoutMs / 60_000} min (${last ? verdict(last, operator).message : 'never seen'})${list}`
}
