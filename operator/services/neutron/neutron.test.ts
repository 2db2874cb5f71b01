import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, TestWorld } from '../../cluster/test-world.ts'
import { DEPENDS_ON_SELF_SERVICE } from '../../openstack/self-service.ts'
import type { OutsideResult } from '../../model/outside.ts'
import { contextOf } from '../context.ts'
import { neutron } from './index.ts'
import { ml2Conf, neutronConf } from './config.ts'
import { isSelfService, modeSteps } from './mode.ts'

const free: OutsideResult = { ready: true, message: '' }
const silent: OutsideResult = { ready: false, message: 'neutron did not answer' }
const depends: OutsideResult = { ready: false, message: 'network a', problem: { reason: DEPENDS_ON_SELF_SERVICE, message: 'network a' } }

function inForce({ mode, agents, answer }: { mode: string; agents: boolean; answer?: OutsideResult }): boolean {
  const scope = new TestWorld(clusterOf({ services: { neutron: { mode } } })).scope()
  const agent = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: { name: 'neutron-l3-agent' } }
  return isSelfService({ ...scope, live: (_kind, name) => (agents && name === 'neutron-l3-agent' ? agent : undefined), outside: () => answer })
}

test('a new cloud is what the CR says', () => {
  assert.equal(inForce({ mode: 'SelfService', agents: false }), true)
  assert.equal(inForce({ mode: 'Provider', agents: false }), false)
  assert.equal(inForce({ mode: 'Provider', agents: false, answer: silent }), false, 'an API that is just starting is no reason')
})

test('a cloud with networks of projects stays one until Neutron says that none is left', () => {
  assert.equal(inForce({ mode: 'Provider', agents: true }), true, 'not asked yet')
  assert.equal(inForce({ mode: 'Provider', agents: true, answer: silent }), true)
  assert.equal(inForce({ mode: 'Provider', agents: true, answer: depends }), true)
  assert.equal(inForce({ mode: 'Provider', agents: true, answer: free }), false)
  assert.equal(inForce({ mode: 'Provider', agents: false, answer: depends }), true, 'one that takes up the data of another')
})

test('the question is asked only where the CR wants Provider, and needs only the API', () => {
  const world = new TestWorld(clusterOf())
  assert.deepEqual(modeSteps(world.scope()), [])
  world.cluster.spec.services.neutron.mode = 'Provider'
  assert.deepEqual(
    modeSteps(world.scope()).map(({ id, needs }) => [id, needs]),
    [['neutron/mode', ['neutron/api', 'neutron/identity']]],
  )
})

test('a cloud that is told to become Provider changes nothing that runs until it may, and then its L3 agents go', () => {
  const world = new TestWorld(clusterOf())
  const all = () => {
    for (let round = 0; round < 60; round++) {
      const plan = world.plan()
      world.act(plan)
      for (const { id, call } of plan) if (call !== undefined && id !== 'neutron/mode') world.answer(id, call)
      for (const key of world.live.keys()) world.makeReady(key)
    }
  }
  all()
  const { writes } = world
  world.cluster.spec.services.neutron.mode = 'Provider'
  const step = () => world.plan().find(({ id }) => id === 'neutron/mode')
  const call = step()?.call
  assert.ok(call)
  all()
  world.answer('neutron/mode', call, depends)
  all()
  assert.deepEqual([step()?.state, step()?.message, world.writes], ['Failed', 'network a', writes])
  world.answer('neutron/mode', call, free)
  all()
  assert.equal(step()?.state, 'Ready')
  const wanted = new Set(world.plan().flatMap(({ objects }) => objects.map(({ metadata }) => metadata.name)))
  assert.ok(wanted.has('neutron-dhcp-agent') && !wanted.has('neutron-l3-agent'))
})

test('what a network carries is what its physical network does, and no tunnel more than the nodes', () => {
  const physicalNetworks = [
    { name: 'provider', interface: 'eth1', mtu: 9000 },
    { name: 'small', interface: 'eth2' },
  ]
  const scope = new TestWorld(clusterOf({ services: { neutron: { mtu: 1600, physicalNetworks, routers: { highAvailability: true } } } })).scope()
  const context = contextOf(scope, neutron, () => ({ name: '', files: {} }))
  assert.deepEqual([ml2Conf(context)['ml2']?.['path_mtu'], ml2Conf(context)['ml2']?.['physical_network_mtus']], [1600, ['provider:9000', 'small:1600']])
  const options = neutronConf(context)['DEFAULT'] ?? {}
  assert.deepEqual(
    ['global_physnet_mtu', 'dhcp_agents_per_network', 'l3_ha', 'max_l3_agents_per_router'].map((name) => options[name]),
    [9000, 2, true, 2],
  )
})
