import assert from 'node:assert/strict'
import { test } from 'node:test'
import { conditionsOf, statusOf } from '../cluster/status.ts'
import { clusterOf, nodeOf, TestWorld } from '../cluster/test-world.ts'
import type { KubeObject } from '../kube/types.ts'
import type { HypervisorFacts } from '../openstack/compute.ts'
import { hypervisorView } from './hypervisor-status.ts'

const SINCE = '2026-01-01T10:00:00Z'
const anHourLater = new Date('2026-01-01T11:00:30Z')

/** A node that Kubernetes has not heard of since then. */
function silent(node: KubeObject): KubeObject {
  const conditions = [{ type: 'Ready', status: 'Unknown', message: 'Kubelet stopped posting node status.', lastTransitionTime: SINCE }]
  return { ...node, status: { ...(node.status as object), conditions } }
}

const guest = (name: string) => ({ id: `id-${name}`, name, status: 'ACTIVE', hostStatus: 'UNKNOWN' })
const host = (name: string, up: boolean, more: Partial<HypervisorFacts> = {}): HypervisorFacts => ({
  host: name,
  up,
  registered: true,
  mapped: true,
  servers: 0,
  ...more,
})

/** Visits a world until nothing more gets ready, with DaemonSets that have `pods` pods, of which all on nodes that are not silent are available. */
function settle(world: TestWorld, facts: readonly HypervisorFacts[]): void {
  for (let round = 0; round < 15; round++) {
    const plan = world.plan()
    world.act(plan)
    for (const { id, call } of plan) {
      if (call === undefined) continue
      if (call.kind === 'compute') world.answer(id, call, { ready: true, message: '', data: { compute: facts } })
      else world.answer(id, call)
    }
    for (const key of world.live.keys()) if (/^(Deployment|StatefulSet|DaemonSet|Job)\//.test(key)) world.makeReady(key)
  }
}

function worldWith(nodes: readonly KubeObject[]): TestWorld {
  const world = new TestWorld(clusterOf({}))
  world.nodes = [...nodes]
  return world
}

test('a hypervisor that is silent for an hour is told, with its guests and since when; everything else is ready', () => {
  const world = worldWith([nodeOf('node-1'), silent(nodeOf('node-2', { 'openstack.teruwa.io/hypervisor': '' }))])
  settle(world, [host('node-1', true), host('node-2', false, { servers: 2, guests: [guest('vm1'), guest('vm2')] })])
  const plan = world.plan()
  assert.deepEqual(
    plan.filter(({ state }) => state !== 'Ready').map(({ id, state }) => [id, state]),
    [['compute/nodes', 'Failed']],
  )
  const status = statusOf(world.cluster, world.scope(), plan, anHourLater)
  assert.deepEqual(status.hypervisors, { labelled: 2, up: 1, summary: '1/2', servers: 2, silentNodes: 1 })
  const shown = hypervisorView(world.scope()).statusOf('node-2', undefined, anHourLater)
  assert.equal(shown.state, 'Silent')
  assert.equal(shown.since, SINCE)
  assert.equal(shown.message, 'Kubelet stopped posting node status.')
  assert.deepEqual([shown.novaCompute, shown.servers, shown.guests], ['down', 2, [guest('vm1'), guest('vm2')]])
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  assert.equal(ready?.reason, 'NodeSilent')
  assert.match(
    ready?.message ?? '',
    /^compute\/nodes: hypervisor node-2 is silent since 2026-01-01T10:00:00Z, and nobody knows how its guests are: vm1 \(ACTIVE before\), vm2 \(ACTIVE before\); /,
  )
  const later = statusOf({ ...world.cluster, status }, world.scope(), plan, new Date('2026-01-01T12:00:00Z'))
  assert.deepEqual(later, status, 'another hour of silence writes nothing')
})

test('it takes its place again: nothing is left of it in the status', () => {
  const away = silent(nodeOf('node-2'))
  const world = worldWith([nodeOf('node-1'), away])
  settle(world, [host('node-1', true), host('node-2', false)])
  const status = statusOf(world.cluster, world.scope(), world.plan(), anHourLater)
  assert.equal(status.hypervisors?.silentNodes, 1)
  world.nodes = [nodeOf('node-1'), nodeOf('node-2')]
  settle(world, [host('node-1', true), host('node-2', true)])
  const back = statusOf({ ...world.cluster, status }, world.scope(), world.plan(), anHourLater)
  assert.equal(back.hypervisors?.silentNodes, undefined)
  assert.equal(back.hypervisors?.summary, '2/2')
  assert.equal(conditionsOf(world.plan(), { labelled: 2, up: 2 })[0]?.status, 'True')
})

test('its agents are neither waited for nor forgotten, and its pods keep no others from rolling', () => {
  const world = worldWith([nodeOf('node-1'), silent(nodeOf('node-2'))])
  settle(world, [host('node-1', true)])
  const call = world.plan().find(({ id }) => id === 'neutron/agents')?.call
  assert.ok(call?.kind === 'agents')
  assert.deepEqual(
    call.want.filter(({ binary }) => binary === 'neutron-linuxbridge-agent'),
    [
      { binary: 'neutron-linuxbridge-agent', host: 'node-1' },
      { binary: 'neutron-linuxbridge-agent', host: 'node-2', silent: true },
    ],
  )
  const asked = world.plan().find(({ id }) => id === 'compute/services')?.call
  assert.deepEqual(asked, { kind: 'compute', want: ['node-1'] })
  const { updateStrategy } = (world.live.get('DaemonSet/libvirt')?.spec ?? {}) as { updateStrategy?: unknown }
  assert.deepEqual(updateStrategy, { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 2 } })
})

test('a node whose kubelet alone is silent: its guests are as Nova says; one that says why it is not ready is quoted', () => {
  const broken = { ...nodeOf('node-3', { 'openstack.teruwa.io/network': '' }) }
  const conditions = [{ type: 'Ready', status: 'False', message: 'container runtime is down', lastTransitionTime: SINCE }]
  const world = worldWith([nodeOf('node-1'), silent(nodeOf('node-2')), { ...broken, status: { conditions } }])
  settle(world, [host('node-1', true), host('node-2', true, { servers: 1 })])
  const message = world.plan().find(({ id }) => id === 'compute/nodes')?.message ?? ''
  assert.match(message, /hypervisor node-2 is silent since \S+, though Nova still hears of it: its guests are as Nova says; /)
  assert.match(message, /network node node-3 is not ready since \S+: container runtime is down; /)
})
