import { isDeepStrictEqual } from 'node:util'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { differs } from '../kube/apply.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { ReconcileResult } from '../runtime/controller.ts'
import { act, applyObject } from './act.ts'
import type { Background } from './background.ts'
import type { CredentialKeeper } from './credential-keeper.ts'
import type { Faults } from './faults.ts'
import { serviceObjects, wantedCredentials } from './foundation.ts'
import type { Observer } from './observer.ts'
import { makePlan } from './plan.ts'
import type { PlannedStep } from './plan.ts'
import type { Reporter } from './reporter.ts'
import { pausedStatus, statusOf } from './status.ts'
import { keyOf } from './watches.ts'
import type { Watches } from './watches.ts'

/** What the bring-up works with. */
export interface BringUpOptions {
  readonly client: KubeClient
  readonly watches: Watches
  readonly keeper: CredentialKeeper
  readonly background: Background
  readonly observer: Observer
  readonly reporter: Reporter
  readonly faults: Faults
  /** What a cluster is made of. */
  readonly steps: (scope: Scope) => Step[]
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** When Secrets that the CR names, which are not watched, are read again, in ms. */
const SECRET_INTERVAL = 60_000
/** The same while one of them is missing, in ms. */
const MISSING_SECRET_INTERVAL = 15_000
/** When a request that lacked a right is made again, in ms: nothing tells that it has been granted. */
const FAULTY_INTERVAL = 30_000

/** Moves one cloud a step towards what its OpenStackCluster says. */
export class BringUp {
  readonly #options: BringUpOptions

  constructor(options: BringUpOptions) {
    this.#options = options
  }

  /** Credentials, Services, scope, plan, act, status: in this order, each with what the one before gave. Throws what a retry may mend. */
  async run(cluster: OpenStackCluster, signal: AbortSignal): Promise<ReconcileResult> {
    const { client, watches, keeper, background, observer, reporter, faults, steps, now } = this.#options
    const { name, namespace, uid } = cluster.metadata
    const key = keyOf(namespace, name)
    const kept = await keeper.keep(cluster, signal)
    if ('lost' in kept) {
      await reporter.held(cluster, { reason: 'CredentialsLost', message: kept.lost }, signal)
      return { requeueAfter: MISSING_SECRET_INTERVAL }
    }
    const { credentials, secret, rotationDueAt, repairs } = kept
    for (const repair of repairs)
      reporter.tell(cluster, { type: 'Warning', reason: 'CredentialRepaired', message: `Secret ${secret.metadata.name}: ${repair}` })
    const foundation = await this.#applyServices(cluster, signal)
    const secrets = await observer.namedSecrets(cluster, signal)
    const tasks = background.callsOf(cluster, credentials)
    background.listen(key, watches.pods(namespace, name))
    const result = observer.scope(cluster, credentials, secrets)
    if ('waitsFor' in result) {
      await reporter.waiting(cluster, { reason: 'Progressing', message: `waits for ${result.waitsFor}` }, signal)
      return {}
    }
    const plan = makePlan(result.scope, steps(result.scope))
    tasks.keep(new Set(plan.map(({ id }) => id)))
    const ours = [...watches.ownedBy(uid), ...watches.strays(namespace, name)]
    const owned = ours.filter((object) => object.kind !== 'Service' || !foundation.has(object.metadata.name))
    const { refused, errors: failures, retryAfter } = await act({ client, cluster, plan, tasks, owned, now: now() }, signal)
    const errors = faults.take(key, 'act', failures)
    const seen = plan.map((step) => withRefusal(step, refused))
    reporter.problems(cluster, seen)
    await reporter.status(cluster, statusOf(cluster, result.scope, seen, new Date(now())), signal)
    const told = reporter.faultsOf(key)
    errors.push(...(await reporter.hypervisors(cluster, result.scope, signal)))
    if (errors.length > 0) throw errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(String).join('; '))
    const missing = seen.some(({ problem }) => problem?.reason === 'SecretNotFound')
    const interval = missing ? MISSING_SECRET_INTERVAL : secrets.size > 0 || refused.size > 0 ? SECRET_INTERVAL : Infinity
    const found = reporter.faultsOf(key)
    const faulty = isDeepStrictEqual(found, told) ? (found.length > 0 ? FAULTY_INTERVAL : Infinity) : 0
    const requeueAfter = Math.min(retryAfter ?? Infinity, interval, faulty, Math.max(0, rotationDueAt - now()))
    return requeueAfter === Infinity ? {} : { requeueAfter }
  }

  /** A paused cluster: its status goes on to tell what is seen. Nothing is made or changed, and nobody outside of Kubernetes is asked. */
  async look(cluster: OpenStackCluster, signal: AbortSignal): Promise<ReconcileResult> {
    const { keeper, observer, reporter, steps, now } = this.#options
    const credentials = keeper.read(cluster)
    const secrets = await observer.namedSecrets(cluster, signal)
    const result = observer.scope(cluster, credentials, secrets)
    // Something may never have been made: there is nothing to compare with then.
    const whole = Object.keys(wantedCredentials(cluster.spec)).every((each) => each in credentials)
    const seen = 'scope' in result && whole ? { scope: result.scope, plan: makePlan(result.scope, steps(result.scope)) } : undefined
    await reporter.status(cluster, pausedStatus(cluster, seen, new Date(now())), signal)
    return secrets.size > 0 ? { requeueAfter: SECRET_INTERVAL } : {}
  }

  /** The foundation's Services, brought to what they should be. Returns their names. */
  async #applyServices(cluster: OpenStackCluster, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { client, watches } = this.#options
    const { namespace } = cluster.metadata
    const services = serviceObjects({ ...cluster.metadata, spec: cluster.spec })
    const changed = services.filter((desired) => {
      const live = watches.live(namespace, 'Service', desired.metadata.name)
      return live === undefined || differs(desired, live) !== undefined
    })
    await Promise.all(changed.map((desired) => applyObject(client, desired, signal)))
    return new Set(services.map((service) => service.metadata.name))
  }
}

function withRefusal(step: PlannedStep, refused: ReadonlyMap<string, PlannedStep['problem']>): PlannedStep {
  const problem = refused.get(step.id)
  return problem === undefined ? step : { ...step, state: 'Failed', message: problem.message, problem }
}
