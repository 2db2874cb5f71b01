import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { LeaseClient, LeaseSpec } from '../kube/lease.ts'
import { KubeError } from '../kube/error.ts'
import { FakeClock } from '../kube/test-clock.ts'
import { MemoryLog } from '../kube/test-log.ts'
import type { KubeObject } from '../kube/types.ts'
import { LeaderElection, LeadershipLostError } from './leader.ts'

/** Leases with optimistic locking, as the API server has it. */
class LeaseServer implements LeaseClient {
  lease: KubeObject | undefined
  broken = false
  /** Called before a write is looked at, to let another candidate be faster. */
  beforeWrite: () => void = () => undefined
  reads = 0
  writes = 0
  #version = 0

  async get(): Promise<KubeObject | undefined> {
    this.#check('GET')
    this.reads += 1
    return structuredClone(this.lease)
  }

  async create(_type: unknown, object: KubeObject): Promise<KubeObject> {
    this.beforeWrite()
    this.#check('POST')
    if (this.lease !== undefined) throw new KubeError({ method: 'POST', path: '/', status: 409 })
    return this.put(object)
  }

  async update(_type: unknown, object: KubeObject): Promise<KubeObject> {
    this.beforeWrite()
    this.#check('PUT')
    if (this.lease === undefined) throw new KubeError({ method: 'PUT', path: '/', status: 404 })
    if (object.metadata.resourceVersion !== this.lease.metadata.resourceVersion) throw new KubeError({ method: 'PUT', path: '/', status: 409 })
    return this.put(object)
  }

  put(object: KubeObject): KubeObject {
    this.writes += 1
    this.#version += 1
    this.lease = { ...structuredClone(object), metadata: { ...object.metadata, resourceVersion: String(this.#version) } }
    return structuredClone(this.lease)
  }

  get spec(): LeaseSpec {
    return this.lease?.spec ?? {}
  }

  #check(method: string): void {
    if (this.broken) throw new KubeError({ method, path: '/', detail: 'ECONNREFUSED' })
  }
}

interface Candidate {
  leading: boolean
  /** Of the whole run. */
  ended: unknown
  readonly stop: AbortController
  readonly finish: () => void
  readonly log: MemoryLog
}

function candidate(t: TestContext, server: LeaseServer, clock: FakeClock, identity: string, lead?: (signal: AbortSignal) => Promise<void>): Candidate {
  const log = new MemoryLog()
  const stop = new AbortController()
  const done = Promise.withResolvers<void>()
  const self: Candidate = { leading: false, ended: 'no', stop, finish: () => done.resolve(), log }
  const election = new LeaderElection({
    client: server,
    namespace: 'ns',
    name: 'operator',
    identity,
    clock,
    log,
    random: () => 0,
    onChange: (leading) => (self.leading = leading),
  })
  const untilAbort = async (signal: AbortSignal): Promise<void> => {
    signal.addEventListener('abort', () => done.resolve())
    await done.promise
  }
  election.run(stop.signal, lead ?? untilAbort).then(
    () => (self.ended = 'resolved'),
    (error: unknown) => (self.ended = error),
  )
  t.after(() => stop.abort())
  return self
}

test('the first candidate makes the lease and leads, the second waits', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a')
  await clock.advance(0)
  const b = candidate(t, server, clock, 'b')
  await clock.advance(60_000)
  assert.deepEqual([a.leading, b.leading], [true, false])
  assert.deepEqual(server.spec, {
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    acquireTime: '2030-01-01T00:00:00.000000Z',
    renewTime: '2030-01-01T00:01:00.000000Z',
    leaseTransitions: 0,
  })
})

test('a stop waits for the work, then releases, and the next leads within a try', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const work = Promise.withResolvers<void>()
  const a = candidate(t, server, clock, 'a', () => work.promise)
  await clock.advance(0)
  const b = candidate(t, server, clock, 'b')
  await clock.advance(0)
  a.stop.abort()
  await clock.advance(30_000)
  assert.deepEqual([a.ended, b.leading, server.spec.holderIdentity], ['no', false, 'a'])
  work.resolve()
  await clock.advance(0)
  assert.deepEqual([a.ended, a.leading, server.spec.holderIdentity, server.spec.leaseDurationSeconds], ['resolved', false, '', 1])
  await clock.advance(2000)
  assert.deepEqual([b.leading, server.spec.holderIdentity, server.spec.leaseTransitions], [true, 'b', 1])
})

test('a leader that vanished is followed after the lease was seen unchanged for its time, whatever clocks say', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const spec = { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '1999-01-01T00:00:00.000000Z', leaseTransitions: 4 }
  server.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'operator', namespace: 'ns' }, spec })
  const a = candidate(t, server, clock, 'a')
  await clock.advance(14_000)
  assert.equal(a.leading, false)
  await clock.advance(2000)
  assert.deepEqual([a.leading, server.spec.leaseTransitions], [true, 5])
})

test('of two that write at once, one leads', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const candidates = ['a', 'b', 'c'].map((identity) => candidate(t, server, clock, identity))
  await clock.advance(20_000)
  assert.deepEqual(candidates.filter(({ leading }) => leading).length, 1)
})

test('a leader that cannot renew stops its work before anybody else may lead', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  let aborted: number | undefined
  const a = candidate(t, server, clock, 'a', async (signal) => {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve())
    })
    aborted = clock.now()
  })
  await clock.advance(4000)
  const began = clock.now()
  server.broken = true
  await clock.advance(9999)
  assert.deepEqual([a.leading, aborted], [true, undefined])
  await clock.advance(1)
  assert.equal((aborted ?? 0) - began, 10_000)
  assert.ok(a.ended instanceof LeadershipLostError)
  assert.match(a.ended.message, /could not be renewed for 10 s/)
  assert.deepEqual([a.leading, a.log.lines.some(({ message }) => message === 'leadership lost')], [false, true])
})

test('work that does not end does not hold up a leader that lost', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a', () => new Promise(() => undefined))
  await clock.advance(0)
  server.broken = true
  await clock.advance(10_000)
  assert.deepEqual([a.ended], ['no'])
  await clock.advance(5000)
  assert.ok(a.ended instanceof LeadershipLostError)
})

test('a lease that somebody took is lost at once', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a')
  await clock.advance(0)
  const { lease } = server
  assert.ok(lease)
  server.put({ ...lease, spec: { ...server.spec, holderIdentity: 'thief' } })
  await clock.advance(4000)
  assert.ok(a.ended instanceof LeadershipLostError && a.ended.message.includes('thief'))
  assert.equal(server.spec.holderIdentity, 'thief')
})

test('one conflict or failure does not end leadership, and the next try comes sooner', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a')
  await clock.advance(0)
  server.beforeWrite = () => {
    server.beforeWrite = () => undefined
    const { lease } = server
    assert.ok(lease)
    server.put({ ...lease, metadata: { ...lease.metadata, labels: { touched: 'yes' } } })
  }
  await clock.advance(4000)
  server.broken = true
  await clock.advance(4000)
  server.broken = false
  await clock.advance(2000)
  assert.equal(server.spec.renewTime, '2030-01-01T00:00:10.000000Z')
  await clock.advance(56_000)
  assert.deepEqual([a.leading, server.spec.renewTime], [true, '2030-01-01T00:01:06.000000Z'])
})

test('a renewal is one write; a lease that was deleted is made again', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a')
  await clock.advance(0)
  const { reads, writes } = server
  await clock.advance(20_000)
  assert.deepEqual([server.reads - reads, server.writes - writes], [0, 5])
  server.lease = undefined
  await clock.advance(4000)
  assert.deepEqual([a.leading, server.spec.holderIdentity, server.reads - reads], [true, 'a', 1])
})

test('what the work throws is thrown, with the lease released', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a', async () => {
    throw new Error('work failed')
  })
  await clock.advance(0)
  assert.ok(a.ended instanceof Error && a.ended.message === 'work failed')
  assert.equal(server.spec.holderIdentity, '')
})

test('a candidate that is stopped while it waits writes nothing', async (t) => {
  const [server, clock] = [new LeaseServer(), new FakeClock()]
  const a = candidate(t, server, clock, 'a')
  await clock.advance(0)
  const b = candidate(t, server, clock, 'b')
  await clock.advance(1000)
  b.stop.abort()
  await clock.advance(0)
  assert.deepEqual([b.ended, a.leading, server.writes], ['resolved', true, 1])
})
