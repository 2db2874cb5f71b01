import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingAgents } from './agents.ts'
import { joinHypervisors, staleServices } from './compute.ts'

test('a host that Nova lists no hypervisor of is in no cell yet', () => {
  const service = { id: '1', binary: 'nova-compute', host: 'a', up: true, enabled: true }
  const services = [service, { ...service, host: 'b' }, { ...service, host: 'd' }, { ...service, binary: 'nova-conductor', host: 'c' }]
  assert.deepEqual(joinHypervisors(services, [{ service: { host: 'a' }, servers: [{}, {}] }], [{ name: 'a' }, { name: 'd.example.com' }]), [
    { host: 'a', up: true, registered: true, mapped: true, servers: 2 },
    { host: 'b', up: true, registered: false, mapped: false, servers: 0 },
    { host: 'd', up: true, registered: true, mapped: false, servers: 0 },
  ])
})

test('a conductor that is down is stale once another one is up; a hypervisor never is', () => {
  const service = { id: '1', binary: 'nova-conductor', host: 'old', up: false, enabled: true }
  const hypervisor = { ...service, binary: 'nova-compute' }
  assert.deepEqual(staleServices([service, hypervisor, { ...hypervisor, host: 'other', up: true }]), [])
  assert.deepEqual(staleServices([service, { ...service, host: 'new', up: true }]), [service])
})

test('an agent that is dead or on another host is missing', () => {
  const agent = { id: '1', binary: 'neutron-l3-agent', host: 'a', alive: true, enabled: true }
  const want = { binary: 'neutron-l3-agent', host: 'a' }
  assert.deepEqual(missingAgents([want], [agent]), [])
  assert.deepEqual(missingAgents([want], [{ ...agent, alive: false }]), [want])
  assert.deepEqual(missingAgents([want], [{ ...agent, host: 'b' }]), [want])
})
