import { manager } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { applied } from '../kube/apply.ts'
import type { KubeClient } from '../kube/client.ts'
import { KubeError } from '../kube/error.ts'
import { resourceTypeOf } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Problem } from '../model/problem.ts'
import { lackOf } from './faults.ts'
import type { PlannedStep } from './plan.ts'
import type { OutsideTasks } from './tasks.ts'
import { removeVolumes } from './volumes.ts'

/** How long a failed Job stays, so that its end can be read, before it is made again, in ms. */
const JOB_RETRY = 60_000

/** What became of a plan. */
export interface Deed {
  /** Steps whose objects the API server refuses, with its sentence. */
  readonly refused: ReadonlyMap<string, Problem>
  /** Errors that a retry may mend. */
  readonly errors: readonly unknown[]
  /** When a failed Job is due to be made again, in ms. */
  readonly retryAfter?: number
}

/** What a plan is acted on with. */
export interface Action {
  readonly client: KubeClient
  readonly cluster: OpenStackCluster
  readonly plan: readonly PlannedStep[]
  readonly tasks: OutsideTasks
  /** Every object that belongs to the cluster. */
  readonly owned: readonly KubeObject[]
  /** ms since the epoch */
  readonly now: number
}

/** Acts on a plan: applies what differs, starts outside calls, replaces failed Jobs, removes what is no longer wanted. Nothing else writes. */
export async function act({ client, cluster, plan, tasks, owned, now }: Action, signal: AbortSignal): Promise<Deed> {
  const refused = new Map<string, Problem>()
  const errors: unknown[] = []
  for (const { id, call, callStamp, waitsFor } of plan) {
    if (call !== undefined) tasks.ensure(id, call, callStamp)
    // What it depends on is away: what was true before may not be when that is back.
    else if (waitsFor.length > 0) tasks.expire(id)
  }
  await Promise.all(
    plan.map(async ({ id, changes }) => {
      try {
        // What pods mount and resolve comes first: a kubelet that misses it looks again only seconds later.
        for (const wave of [true, false]) {
          await Promise.all(changes.filter(({ desired }) => isRead(desired) === wave).map(({ desired }) => applyObject(client, desired, signal)))
        }
      } catch (error) {
        const problem = refusal(error)
        if (problem === undefined) errors.push(error)
        else refused.set(id, problem)
      }
    }),
  )
  const failed = plan.flatMap(({ failedJobs }) => failedJobs)
  const due = failed.filter((job) => failedAt(job) + JOB_RETRY <= now)
  const surplus = plan.some(({ incomplete }) => incomplete) ? [] : notWanted(plan, owned)
  const removals = [...due.map((job) => removeObject(client, job, signal)), ...surplus.map((object) => removeForGood(client, cluster, object, signal))]
  await Promise.all(removals.map((removal) => removal.catch((error: unknown) => errors.push(error))))
  const waits = failed.map((failedJob) => failedAt(failedJob) + JOB_RETRY - now).filter((wait) => wait > 0)
  return { refused, errors, ...(waits.length > 0 ? { retryAfter: Math.min(...waits) } : {}) }
}

/** Applies one object by server-side apply, as its one manager. */
export async function applyObject(client: KubeClient, desired: KubeObject, signal: AbortSignal): Promise<void> {
  await client.apply(resourceTypeOf(desired.kind), applied(desired), { fieldManager: manager, force: true }, signal)
}

/** Deletes one object, if it is still the one that was seen. */
export async function removeObject(client: KubeClient, { kind, metadata }: KubeObject, signal: AbortSignal): Promise<void> {
  await client.delete(
    resourceTypeOf(kind),
    metadata.namespace,
    metadata.name,
    { ...(metadata.uid === undefined ? {} : { uid: metadata.uid }), propagationPolicy: 'Background' },
    signal,
  )
}

/** Removes what was switched off. Its data goes with it where the cloud's would; before it, so that an end in between leaves none behind. */
async function removeForGood(client: KubeClient, { metadata, spec }: OpenStackCluster, object: KubeObject, signal: AbortSignal): Promise<void> {
  if (object.kind === 'StatefulSet' && spec.deletionPolicy === 'Delete') await removeVolumes(client, metadata, object.metadata.name, signal)
  await removeObject(client, object, signal)
}

function isRead({ kind }: KubeObject): boolean {
  return ['Secret', 'Service', 'PersistentVolumeClaim'].includes(kind)
}

/** The problem, if it is one that the same request will meet again. */
function refusal(error: unknown): Problem | undefined {
  const lack = lackOf(error)
  if (lack !== undefined) return { reason: 'MissingRights', message: lack }
  if (!(error instanceof KubeError) || error.status === undefined || ![400, 403, 422].includes(error.status)) return undefined
  return { reason: 'Refused', message: error.message }
}

/** Objects of the cluster that no step wants. Services are the foundation's. */
function notWanted(plan: readonly PlannedStep[], owned: readonly KubeObject[]): KubeObject[] {
  const wanted = new Set(plan.flatMap(({ objects }) => objects.map(key)))
  return owned.filter((object) => object.kind !== 'Pod' && object.metadata.deletionTimestamp === undefined && !wanted.has(key(object)))
}

function key({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`
}

/** When a Job failed, in ms since the epoch. */
function failedAt(job: KubeObject): number {
  const { conditions = [] } = (job.status ?? {}) as { conditions?: readonly { type: string; status: string; lastTransitionTime?: string }[] }
  const time = conditions.find(({ type, status }) => type === 'Failed' && status === 'True')?.lastTransitionTime
  return time === undefined ? 0 : Date.parse(time)
}
