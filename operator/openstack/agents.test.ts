import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forgottenAgents, missingAgents } from './agents.ts'
import type { NetworkAgent } from './agents.ts'

const agent = (binary: string, host: string, alive: boolean): NetworkAgent => ({ id: `${binary}@${host}`, binary, host, alive, enabled: true })
const wants = [{ binary: 'neutron-dhcp-agent', host: 'a' }]

test('an agent that is wanted and dead is missing, not forgotten', () => {
  const dead = agent('neutron-dhcp-agent', 'a', false)
  assert.deepEqual(missingAgents(wants, [dead]), wants)
  assert.deepEqual(forgottenAgents(wants, [dead]), [])
})

test('an agent of a silent node is neither missing nor forgotten', () => {
  const silent = [{ binary: 'neutron-dhcp-agent', host: 'a', silent: true }]
  const dead = agent('neutron-dhcp-agent', 'a', false)
  assert.deepEqual(missingAgents(silent, [dead]), [])
  assert.deepEqual(forgottenAgents(silent, [dead]), [])
})

test('a dead agent of a kind or on a host that is no longer wanted is forgotten; a live one and those of others stay', () => {
  const otherKind = agent('neutron-metadata-agent', 'a', false)
  const otherHost = agent('neutron-dhcp-agent', 'b', false)
  const listed = [agent('neutron-dhcp-agent', 'a', true), otherKind, otherHost, agent('neutron-l3-agent', 'a', true), agent('ironic-neutron-agent', 'a', false)]
  assert.deepEqual(forgottenAgents(wants, listed), [otherKind, otherHost])
})
