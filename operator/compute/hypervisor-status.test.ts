import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HypervisorStatus } from '../api/v1alpha1/index.ts'
import { clusterOf, nodeOf, TestWorld } from '../cluster/test-world.ts'
import type { OutsideData } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import type { HypervisorFacts } from '../openstack/compute.ts'
import { hypervisorView } from './hypervisor-status.ts'

const noon = new Date('2026-01-01T12:00:00Z')
const later = new Date('2026-01-01T12:30:00Z')

const fact = (more: Partial<HypervisorFacts> = {}): HypervisorFacts => ({
  host: 'node-1',
  up: true,
  registered: true,
  mapped: true,
  servers: 2,
  enabled: true,
  vcpus: { used: 3, total: 8 },
  memory: { used: 1536, total: 32_123 },
  ...more,
})
const agent = (binary: string, alive = true, host = 'node-1') => ({ id: binary, binary, host, alive, enabled: true })
const agents = ['linuxbridge', 'dhcp', 'l3', 'metadata'].map((kind) => agent(`neutron-${kind}-agent`))

/** A scope of one node, with what the outside has said. */
function scopeWith(
  data: { compute?: readonly HypervisorFacts[]; agents?: OutsideData['agents']; time?: OutsideData['time'] },
  nodes = [nodeOf('node-1')],
): Scope {
  const world = new TestWorld(clusterOf({ timeSync: { mode: data.time ? 'Monitor' : 'Off', servers: ['ntp'] } }))
  world.nodes = nodes
  const answers: Record<string, OutsideData> = {
    ...(data.compute ? { 'compute/services': { compute: data.compute } } : {}),
    ...(data.agents ? { 'neutron/agents': { agents: data.agents } } : {}),
    ...(data.time ? { 'compute/time': { time: data.time } } : {}),
  }
  return { ...world.scope(), outside: (step) => (answers[step] === undefined ? undefined : { ready: true, message: '', data: answers[step] }) }
}
const statusOf = (scope: Scope, before?: HypervisorStatus, now = noon) => hypervisorView(scope).statusOf('node-1', before, now)

test('one that is up says what it has given away, and what runs on it', () => {
  assert.deepEqual(statusOf(scopeWith({ compute: [fact()], agents })), {
    state: 'Up',
    since: noon.toISOString(),
    joinedAt: noon.toISOString(),
    novaCompute: 'up',
    servers: 2,
    vcpus: { used: 3, total: 8, summary: '3/8' },
    memory: { used: 1536, total: 32_123, summary: '1.5/31Gi' },
    agents: ['nova-compute', ...agents.map(({ binary }) => binary)].map((name) => ({ name, alive: true })),
    agentsSummary: '5/5',
  })
})

test('a state has a beginning, which stays; when it was up for the first time stays for good', () => {
  const up = statusOf(scopeWith({ compute: [fact()], agents }))
  assert.deepEqual(statusOf(scopeWith({ compute: [fact()], agents }), up, later), up, 'nothing happened, so nothing may differ')
  const down = statusOf(scopeWith({ compute: [fact({ up: false, guests: [] })], agents }), up, later)
  assert.deepEqual([down.state, down.since, down.joinedAt, down.agentsSummary], ['Down', later.toISOString(), noon.toISOString(), '4/5'])
})

test('each state is told from the others', () => {
  const stateOf = (compute: readonly HypervisorFacts[]) => {
    const { state, message } = statusOf(scopeWith({ compute, agents }))
    return [state, message]
  }
  assert.deepEqual(stateOf([]), ['Starting', 'nova-compute has not reported itself'])
  assert.deepEqual(stateOf([fact({ mapped: false })]), ['Starting', 'it is being mapped into the cell'])
  assert.deepEqual(stateOf([fact({ enabled: false, disabledReason: 'new disks' })]), ['Disabled', 'no new guests: new disks'])
  assert.equal(stateOf([fact({ up: false })])[0], 'Down')
  const conditions = [{ type: 'Ready', status: 'False', message: 'runtime is down', lastTransitionTime: '2026-01-01T10:00:00Z' }]
  const notReady = statusOf(scopeWith({ compute: [fact()], agents }, [{ ...nodeOf('node-1'), status: { conditions } }, nodeOf('node-2')]))
  assert.deepEqual([notReady.state, notReady.since, notReady.message], ['NotReady', '2026-01-01T10:00:00Z', 'runtime is down'])
})

test('an agent that is dead is named', () => {
  const { message, agentsSummary, state } = statusOf(scopeWith({ compute: [fact()], agents: agents.filter(({ binary }) => !binary.includes('dhcp')) }))
  assert.deepEqual([state, message, agentsSummary], ['Up', 'neutron-dhcp-agent is not alive', '4/5'])
})

test('an operator that has just started knows what was written last', () => {
  const before = statusOf(scopeWith({ compute: [fact()], agents, time: [{ node: 'node-1', state: 'Synchronized', offset: 0.0014, error: 0 }] }))
  const { clock, ...rest } = before
  assert.deepEqual(clock, { synchronized: true, offsetMilliseconds: 1 })
  assert.deepEqual(statusOf(scopeWith({}), before, later), rest, 'clocks are not looked at any more, everything else is as it was')
})

test('a figure of a clock stays while the clock is off it by no more than a tenth of the limit', () => {
  const at = (offset: number, before?: HypervisorStatus) => statusOf(scopeWith({ time: [{ node: 'node-1', state: 'Synchronized', offset, error: 0 }] }), before)
  const first = at(0.0014)
  assert.equal(first.clock?.offsetMilliseconds, 1)
  assert.equal(at(0.0509, first).clock?.offsetMilliseconds, 1)
  assert.equal(at(-0.0509, first).clock?.offsetMilliseconds, -51)
  assert.deepEqual(statusOf(scopeWith({ time: [{ node: 'node-1', state: 'NoAnswer' }] }), first).clock, { synchronized: false })
})
