// Two operators before a real API server: never both lead, and one that is gone without a word is followed within its lease's time.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { connect } from '../../operator/kube/rest-client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { systemClock } from '../../operator/kube/clock.ts'
import type { Clock } from '../../operator/kube/clock.ts'
import { MemoryLog } from '../../operator/kube/test-log.ts'
import { LeaderElection } from '../../operator/runtime/leader.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'

/** So many times faster than the machine's clock the candidates' clocks run: their lease of 15 s lasts for a second and a half. */
const SPEED = 10
const LEASE = 15_000 / SPEED
const RETRY = (1.2 * 2000) / SPEED

const fast: Clock = {
  now: () => systemClock.now() * SPEED,
  sleep: (ms, signal) => systemClock.sleep(ms / SPEED, signal),
  after: (ms, run) => systemClock.after(ms / SPEED, run),
}

/** From when to when a candidate led, in ms of the machine's clock; no end: it leads. */
interface Term {
  readonly who: string
  readonly from: number
  to?: number
}

describe('two operators and one lease', () => {
  let server: ApiServer
  const clients: KubeClient[] = []
  const stops: AbortController[] = []
  const runs: Promise<unknown>[] = []

  before(async () => {
    server = await apiServer()
  })

  after(async () => {
    for (const stop of stops) stop.abort()
    await Promise.all(runs)
    await Promise.all(clients.map((client) => client.close()))
    await server?.stop()
  })

  interface Candidate {
    /** Ends it as a signal does: it gives the lease back. */
    stop(): Promise<void>
    /** Ends it as a power cut does: none of its requests arrives any more, and its work ends at once. */
    kill(): void
  }

  async function candidate(who: string, lease: string, terms: Term[], changed: () => void): Promise<Candidate> {
    const client = await connect({ kubeconfig: server.kubeconfigPath })
    clients.push(client)
    const stop = new AbortController()
    stops.push(stop)
    const dead = new AbortController()
    const alive = <T>(request: () => Promise<T>): Promise<T> => (dead.signal.aborted ? Promise.reject(new Error('killed')) : request())
    const election = new LeaderElection({
      client: {
        get: (...parameters) => alive(() => client.get(...parameters)),
        create: (...parameters) => alive(() => client.create(...parameters)),
        update: (...parameters) => alive(() => client.update(...parameters)),
      },
      namespace: 'default',
      name: lease,
      identity: who,
      clock: fast,
      log: new MemoryLog(),
    })
    const lead = async (signal: AbortSignal): Promise<void> => {
      const term: Term = { who, from: Date.now() }
      terms.push(term)
      changed()
      await new Promise<void>((resolve) => AbortSignal.any([signal, dead.signal]).addEventListener('abort', () => resolve()))
      term.to = Date.now()
      changed()
    }
    // One that was killed ends with the loss of its lease.
    const run = election.run(stop.signal, lead).catch((error: unknown) => {
      if (!dead.signal.aborted) throw error
    })
    runs.push(run)
    return {
      async stop() {
        stop.abort()
        await run
      },
      kill: () => dead.abort(),
    }
  }

  test('one leads; when it is killed the other does within the lease, when it is stopped at once', async () => {
    const terms: Term[] = []
    let wake = (): void => {}
    const changed = () => wake()
    const led = async (count: number): Promise<Term> => {
      while (terms.length < count) await new Promise<void>((resolve) => (wake = resolve))
      const term = terms[count - 1]
      assert.ok(term)
      return term
    }
    const lease = `two-${Date.now().toString(36)}`
    const candidates = new Map<string, Candidate>()
    for (const who of ['a', 'b']) candidates.set(who, await candidate(who, lease, terms, changed))

    const first = await led(1)
    const killedAt = Date.now()
    candidates.get(first.who)?.kill()
    const second = await led(2)
    assert.notEqual(second.who, first.who)
    const waited = second.from - killedAt
    assert.ok(waited >= LEASE - 2 * RETRY, `nobody led before the lease had run out: after ${waited} ms`)
    // Some more than the lease and a try, since the machine may be busy.
    assert.ok(waited <= 2 * LEASE, `the other led within the lease and a try: after ${waited} ms`)

    candidates.set('c', await candidate('c', lease, terms, changed))
    const stopped = candidates.get(second.who)?.stop()
    const third = await led(3)
    await stopped
    assert.equal(third.who, 'c')
    assert.ok(third.from - (second.to ?? 0) < LEASE, 'a lease that was given back is not waited for')

    const inOrder = terms.toSorted((a, b) => a.from - b.from)
    for (const [index, { who, to }] of inOrder.entries()) {
      const next = inOrder[index + 1]
      if (next !== undefined) assert.ok(to !== undefined && to <= next.from, `${who} and ${next.who} led at the same time`)
    }
  })
})
