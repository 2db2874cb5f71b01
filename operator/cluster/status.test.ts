import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { conditionsOf, pausedStatus, statusOf } from './status.ts'
import type { PlannedStep } from './plan.ts'
import { clusterOf, nodeOf, TestWorld } from './test-world.ts'

const step = (id: string, more: Partial<PlannedStep> = {}): PlannedStep => ({
  id,
  state: 'Ready',
  waitsFor: [],
  message: '',
  objects: [],
  changes: [],
  callStamp: '',
  failedJobs: [],
  incomplete: false,
  ...more,
})

const byType = (plan: readonly PlannedStep[]) => Object.fromEntries(conditionsOf(plan, { labelled: 1, up: 1 }).map((each) => [each.type, each]))

test('Ready says so in every condition', () => {
  const conditions = byType([step('a'), step('b')])
  const statuses = Object.fromEntries(Object.entries(conditions).map(([type, { status }]) => [type, status]))
  assert.deepEqual(statuses, { Ready: 'True', Progressing: 'False', Degraded: 'False', Reconciling: 'False', Stalled: 'False' })
  assert.equal(conditions['Ready']?.message, '2 of 2 steps are ready, 1 of 1 hypervisors are up')
})

test('what runs and what waits for what is in the message', () => {
  const { Ready, Reconciling, Stalled } = byType([
    step('a', { state: 'Progressing', message: 'Job a is running' }),
    step('b', { state: 'Waiting', waitsFor: ['a'], message: 'waits for a' }),
  ])
  assert.equal(Ready?.status, 'False')
  assert.equal(Ready.message, '0 of 2 steps are ready; a (Job a is running); b waits for a')
  assert.equal(Reconciling?.status, 'True')
  assert.equal(Stalled?.status, 'False')
})

test('a failed step is Stalled only when nothing else is under way', () => {
  const failed = step('a', { state: 'Failed', message: 'image x: 404', problem: { reason: 'NotFound', message: 'image x: 404' } })
  const alone = byType([failed, step('b')])
  assert.equal(alone['Stalled']?.status, 'True')
  assert.equal(alone['Ready']?.reason, 'NotFound')
  assert.equal(alone['Ready']?.message, 'a: image x: 404')
  const busy = byType([failed, step('b', { state: 'Progressing', message: 'making' })])
  assert.equal(busy['Stalled']?.status, 'False')
  assert.equal(busy['Degraded']?.status, 'True')
})

test('times of a step stay once they are set', () => {
  const world = new TestWorld(clusterOf())
  const plan = world.plan()
  const first = statusOf(world.cluster, world.scope(), plan, new Date('2026-01-01T00:00:01.5Z'))
  const second = statusOf({ ...world.cluster, status: first }, world.scope(), plan, new Date('2026-01-01T00:00:09Z'))
  assert.deepEqual(second, first, 'nothing happened, so nothing may differ')
  const mariadb = first.steps?.find(({ id }) => id === 'mariadb')
  assert.deepEqual(mariadb, {
    id: 'mariadb',
    state: 'Progressing',
    message: 'making Secret mariadb-config',
    possibleAt: '2026-01-01T00:00:01.500Z',
    startedAt: '2026-01-01T00:00:01.500Z',
  })
})

test('a wish to look at the outside again is told as handled once every call was made for it', () => {
  const { metadata } = clusterOf()
  const world = new TestWorld({ ...clusterOf(), metadata: { ...metadata, annotations: { 'openstack.teruwa.io/reconcile-requested-at': 'noon' } } })
  const call = { kind: 'compute', want: [] } as const
  const handled = (plan: readonly PlannedStep[], stamp: string) =>
    statusOf(world.cluster, { ...world.scope(), outside: () => ({ ready: true, message: '', stamp }) }, plan, new Date()).lastHandledReconcileAt
  const asked = step('a', { call, callStamp: 'noon' })
  assert.equal(handled([asked, step('objects only')], 'noon'), 'noon')
  assert.equal(handled([asked], 'morning'), undefined)
  assert.equal(handled([asked, step('b', { state: 'Waiting', waitsFor: ['c'] })], 'noon'), undefined)
  const stamps = world.plan().map(({ callStamp }) => callStamp)
  assert.ok(stamps.includes('noon'))
  const nobodyAsked = new TestWorld(clusterOf())
  assert.equal(statusOf(nobodyAsked.cluster, nobodyAsked.scope(), [step('a')], new Date()).lastHandledReconcileAt, undefined)
})

test('guests are counted as Nova counts them, on hosts that lost their label too; what was counted stays until it is counted again', () => {
  const world = new TestWorld(clusterOf())
  const { hypervisors: unasked } = statusOf(world.cluster, world.scope(), world.plan(), new Date())
  assert.deepEqual(unasked, { labelled: 1, up: 0, summary: '0/1' })
  const host = { up: true, registered: true, mapped: true, servers: 2 }
  const answer = {
    ready: true,
    message: '',
    data: {
      compute: [
        { ...host, host: 'node-1' },
        { ...host, host: 'once-labelled', servers: 3 },
      ],
    },
  }
  world.answer('compute/services', { kind: 'compute', want: ['node-1'] }, answer)
  const counted = statusOf(world.cluster, world.scope(), world.plan(), new Date())
  assert.deepEqual(counted.hypervisors, { labelled: 1, up: 1, summary: '1/1', servers: 5 })
  world.results.clear()
  world.nodes.push(nodeOf('node-2'))
  const restarted = statusOf({ ...world.cluster, status: counted }, world.scope(), world.plan(), new Date())
  assert.deepEqual(restarted.hypervisors, { labelled: 2, up: 1, summary: '1/2', servers: 5 })
})

describe('a paused cluster', () => {
  /** A cloud that is Ready, and then paused by a change of its spec. */
  function pausedWorld(): TestWorld {
    const world = new TestWorld(clusterOf())
    world.settle()
    const status = statusOf(world.cluster, world.scope(), world.plan(), new Date())
    const { metadata, spec } = world.cluster
    const paused = new TestWorld({ ...world.cluster, metadata: { ...metadata, generation: 2 }, spec: { ...spec, paused: true }, status }, world)
    // The operator was restarted: it knows of no answer, and asks for none.
    paused.results.clear()
    return paused
  }

  const conditionOf = (world: TestWorld, type: string) =>
    pausedStatus(world.cluster, { scope: world.scope(), plan: world.plan() }, new Date()).conditions?.find((each) => each.type === type)

  test('goes on to be Ready, and says that nothing is done', () => {
    const world = pausedWorld()
    assert.equal(conditionOf(world, 'Ready')?.status, 'True')
    assert.deepEqual(
      ['Progressing', 'Reconciling', 'Degraded', 'Stalled'].map((type) => [conditionOf(world, type)?.status, conditionOf(world, type)?.reason]),
      [
        ['False', 'Paused'],
        ['False', 'Paused'],
        ['False', 'Ready'],
        ['False', 'Ready'],
      ],
    )
  })

  test('tells of a workload that breaks, of a node that goes silent, and of what would be changed', () => {
    const world = pausedWorld()
    world.breakWorkload('Deployment/glance-api')
    const status = pausedStatus(world.cluster, { scope: world.scope(), plan: world.plan() }, new Date())
    assert.equal(status.steps?.find(({ id }) => id === 'glance/api')?.state, 'Progressing')
    assert.equal(status.services?.find(({ name }) => name === 'glance')?.ready, false)
    const ready = conditionOf(world, 'Ready')
    assert.deepEqual([ready?.status, ready?.reason], ['False', 'Paused'])
    assert.match(ready?.message ?? '', /^spec\.paused is true: the operator leaves the cluster alone; .*glance\/api \(Deployment glance-api is rolling out\)/)
    world.makeReady('Deployment/glance-api')
    const [node] = world.nodes
    assert.ok(node)
    world.nodes = [
      { ...node, status: { ...(node.status as object), conditions: [{ type: 'Ready', status: 'Unknown', lastTransitionTime: '2026-01-01T00:00:00Z' }] } },
    ]
    assert.equal(conditionOf(world, 'Degraded')?.reason, 'NodeSilent')
    world.nodes = [node]
    world.cluster.spec.services.keystone.replicas = 2
    assert.match(conditionOf(world, 'Ready')?.message ?? '', /keystone\/api \((making|changing) \w+ keystone-api\)/)
  })

  test('of which nothing was ever made says that nothing is known', () => {
    const cluster = clusterOf({ paused: true })
    assert.deepEqual(
      pausedStatus(cluster, undefined, new Date()).conditions?.map(({ type, reason }) => [type, reason]),
      [
        ['Ready', 'Paused'],
        ['Progressing', 'Paused'],
        ['Reconciling', 'Paused'],
      ],
    )
  })
})

test('the status of a cloud of 1,000 hypervisors is small, however much is wrong: what is said of one node is in its own resource', () => {
  const servers = Array.from({ length: 100 }, (_, index) => ({ id: `${index}`, name: `guest-${index}`, status: 'ACTIVE', hostStatus: 'UNKNOWN' }))
  const world = new TestWorld(clusterOf({ timeSync: { mode: 'Monitor', servers: ['ntp'] } }))
  const names = Array.from({ length: 1000 }, (_, index) => `hypervisor-${index}.rack-${index % 40}.example.com`)
  const conditions = [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: '2026-01-01T10:00:00Z' }]
  world.nodes = names.map((name, index) => ({ ...nodeOf(name), ...(index === 0 ? {} : { status: { conditions } }) }))
  const compute = names.map((host) => ({ host, up: false, registered: true, mapped: true, servers: 100, guests: servers }))
  const time = names.map((node) => ({ node, state: 'NoAnswer' as const }))
  const scope = { ...world.scope(), outside: () => ({ ready: false, message: '', data: { compute, time } }) }
  const status = statusOf(world.cluster, scope, world.plan(), new Date())
  assert.deepEqual(status.hypervisors, {
    labelled: 1000,
    up: 0,
    summary: '0/1000',
    servers: 100_000,
    silentNodes: 999,
    watchedClocks: 1000,
    wrongClocks: 1000,
  })
  const nodes = status.steps?.find(({ id }) => id === 'compute/nodes')
  assert.match(nodes?.message ?? '', /^hypervisor hypervisor-1\.rack-1\.example\.com is silent since .*; and 994 more; everything else goes on/)
  const size = JSON.stringify(status).length
  assert.ok(size < 50_000, `${size} bytes`)
})
