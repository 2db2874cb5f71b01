import type { Clock } from '../kube/clock.ts'
import { isConflict, isNotFound } from '../kube/error.ts'
import { microTime, readLease, writeLease } from '../kube/lease.ts'
import type { Lease, LeaseClient, LeaseSpec } from '../kube/lease.ts'
import type { Log } from '../kube/log.ts'

/** Times of client-go, in ms: others wait this long after the last renewal that they saw … */
const LEASE_DURATION = 15_000
/** … the leader gives up after this time without one, so always before … */
const RENEW_DEADLINE = 10_000
/** … and both try this often … */
const RETRY_PERIOD = 2000
/** … but the leader, whose last try went well, after a time that is not client-go's: half as many writes at rest, and still two more tries before the deadline. */
const RENEW_PERIOD = 4000

export interface LeaderElectionOptions {
  readonly client: LeaseClient
  readonly namespace: string
  readonly name: string
  /** Unique among the candidates: the name of the pod. */
  readonly identity: string
  readonly clock: Clock
  readonly log: Log
  /** 0 ≤ x < 1 */
  readonly random?: () => number
  /** Told when leadership begins and ends. */
  readonly onChange?: (leading: boolean) => void
  /** Told how each reading and writing of the lease went: without an error it succeeded. */
  readonly onAttempt?: (error?: unknown) => void
}

/** The lease was not renewed in time: somebody else may lead by now. */
export class LeadershipLostError extends Error {
  override readonly name = 'LeadershipLostError'
}

/**
 * One leader among several candidates, by a Lease. As in client-go, only the own clock counts: a lease has run out when it has not changed
 * for as long as it lasts, whatever times are written in it.
 */
export class LeaderElection {
  readonly #options: LeaderElectionOptions
  readonly #random: () => number
  #observed: Lease | undefined
  #observedAt = 0

  constructor(options: LeaderElectionOptions) {
    this.#options = options
    this.#random = options.random ?? Math.random
  }

  /**
   * Waits for leadership, then leads. Resolves after the signal was aborted or `lead` has ended, with the lease released. Throws what `lead`
   * throws, and LeadershipLostError: then the process should end, since it cannot know what it still has under way.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { log, identity, onChange } = this.#options
    try {
      await this.#acquire(signal)
    } catch (error) {
      if (signal.aborted) return
      throw error
    }
    log.info('leading', { identity })
    onChange?.(true)
    try {
      await this.#lead(signal, lead)
    } finally {
      onChange?.(false)
    }
  }

  async #acquire(signal: AbortSignal): Promise<void> {
    const { clock, log, identity } = this.#options
    log.info('waiting for leadership', { identity })
    while (!(await this.#attempt(RENEW_DEADLINE, signal))) await clock.sleep(RETRY_PERIOD * (1 + 0.2 * this.#random()), signal)
  }

  async #lead(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { clock, log, identity } = this.#options
    const lost = new AbortController()
    const ended = new AbortController()
    // The lease is renewed until the work has ended, and not only until the stop was asked for: nobody else may begin before.
    const renewing = this.#renew(ended.signal).then(
      () => undefined,
      (error: unknown) => lost.abort(error),
    )
    const leading = lead(AbortSignal.any([signal, lost.signal]))
    await Promise.race([leading.catch(() => undefined), renewing])
    if (lost.signal.aborted) {
      log.error('leadership lost', { identity, error: lost.signal.reason })
      // The work has the rest of the lease to end.
      await Promise.race([leading.catch(() => undefined), clock.sleep(LEASE_DURATION - RENEW_DEADLINE, signal).catch(() => undefined)])
      throw lost.signal.reason
    }
    ended.abort()
    await renewing
    await this.#release()
    await leading
  }

  /** Renews the lease until the signal is aborted. Throws when it has not succeeded for too long. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options
    let renewedAt = clock.now()
    let renewed = true
    while (!signal.aborted) {
      try {
        await clock.sleep(renewed ? RENEW_PERIOD : RETRY_PERIOD, signal)
        const left = renewedAt + RENEW_DEADLINE - clock.now()
        // An attempt that is under way ends by itself: what it wrote must be known for the release.
        renewed = left > 0 && (await this.#attempt(left))
        if (renewed) renewedAt = clock.now()
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      const holder = this.#observed?.spec.holderIdentity
      if (holder && holder !== this.#options.identity) throw new LeadershipLostError(`${holder} has taken the lease`)
      if (clock.now() - renewedAt >= RENEW_DEADLINE) throw new LeadershipLostError(`the lease could not be renewed for ${RENEW_DEADLINE / 1000} s`)
    }
  }

  /** Tries once, for at most `timeout` ms, to get or to keep the lease. Errors are logged and mean no. Throws the signal's reason. */
  async #attempt(timeout: number, signal?: AbortSignal): Promise<boolean> {
    const { clock, log, identity, onAttempt } = this.#options
    const late = new AbortController()
    const cancel = clock.after(timeout, () => late.abort())
    try {
      const own = await this.#acquireOrRenew(AbortSignal.any([late.signal, ...(signal ? [signal] : [])]))
      onAttempt?.()
      return own
    } catch (error) {
      signal?.throwIfAborted()
      onAttempt?.(error)
      if (isConflict(error)) log.debug('somebody else wrote the lease first', { identity })
      else log.warn('the lease could not be read or written', { identity, error })
      return false
    } finally {
      cancel()
    }
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { client, namespace, name, identity } = this.#options
    // Nobody else writes to a lease that is held, as a rule: it is read only where the write shows that somebody did.
    if (this.#observed?.spec.holderIdentity === identity) {
      const renewed = await this.#write(this.#observed, signal).catch((error: unknown) => {
        if (!isConflict(error) && !isNotFound(error)) throw error
      })
      if (renewed !== undefined) return renewed
    }
    const current = await readLease(client, namespace, name, signal)
    if (current !== undefined) this.#observe(current)
    if (current !== undefined && this.#isHeldByOther(current.spec)) return false
    return this.#write(current, signal)
  }

  /** Writes the lease as one's own. Throws where it is not the one that was seen any more. */
  async #write(current: Lease | undefined, signal: AbortSignal): Promise<boolean> {
    const { client, identity, clock } = this.#options
    const written = await writeLease(client, this.#claim(current, clock.now()), signal)
    this.#observe(written)
    return written.spec.holderIdentity === identity
  }

  #isHeldByOther({ holderIdentity, leaseDurationSeconds }: LeaseSpec): boolean {
    const { clock, identity } = this.#options
    if (!holderIdentity || holderIdentity === identity) return false
    const duration = leaseDurationSeconds === undefined ? LEASE_DURATION : leaseDurationSeconds * 1000
    return this.#observedAt + duration > clock.now()
  }

  #claim(current: Lease | undefined, now: number): Lease {
    const { namespace, name, identity } = this.#options
    const own = current?.spec.holderIdentity === identity
    const spec: LeaseSpec = {
      holderIdentity: identity,
      leaseDurationSeconds: LEASE_DURATION / 1000,
      acquireTime: own && current.spec.acquireTime ? current.spec.acquireTime : microTime(now),
      renewTime: microTime(now),
      leaseTransitions: (current?.spec.leaseTransitions ?? 0) + (own || current === undefined ? 0 : 1),
    }
    if (current !== undefined) return { ...current, spec }
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace, name }, spec }
  }

  #observe(lease: Lease): void {
    if (JSON.stringify(this.#observed?.spec) !== JSON.stringify(lease.spec)) this.#observedAt = this.#options.clock.now()
    this.#observed = lease
  }

  /** Lets the next candidate lead at once. Best effort: without it the lease runs out by itself. */
  async #release(): Promise<void> {
    const { client, clock, log, identity } = this.#options
    const current = this.#observed
    if (current?.spec.holderIdentity !== identity) return
    const now = microTime(clock.now())
    const late = new AbortController()
    const cancel = clock.after(RENEW_DEADLINE, () => late.abort())
    try {
      // Validation wants a duration above zero.
      await writeLease(client, { ...current, spec: { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now } }, late.signal)
      log.info('leadership released', { identity })
    } catch (error) {
      log.warn('leadership could not be released', { identity, error })
    } finally {
      cancel()
    }
  }
}
