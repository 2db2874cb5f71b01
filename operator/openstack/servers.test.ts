import assert from 'node:assert/strict'
import { test } from 'node:test'
import { factsOf, pickServer } from './servers.ts'
import type { ListedServer } from './servers.ts'

const want = { name: 'vm0', project: 'p', floatingNetwork: 'provider' }
const server: ListedServer = {
  id: '1',
  name: 'vm0',
  status: 'ACTIVE',
  updated: '2026-01-01T00:00:00Z',
  addresses: {
    tenant: [
      { addr: '1.0.0.5', 'OS-EXT-IPS:type': 'fixed' },
      { addr: '192.168.0.100', 'OS-EXT-IPS:type': 'floating' },
    ],
  },
}

test('a server is ready when it is active and has the address that it wants', () => {
  assert.equal(factsOf(want, server, '192.168.0.100').ready, true)
  assert.equal(factsOf(want, server, undefined).ready, false)
  assert.match(factsOf(want, server, undefined).message, /waits for a floating IP of network provider/)
  assert.equal(factsOf({ ...want, floatingNetwork: undefined }, server, undefined).ready, true)
  assert.deepEqual(factsOf(want, server, '192.168.0.100').addresses, ['1.0.0.5'])
})

test('a stopped server is as its user wants it; one that is built or failed is not', () => {
  assert.equal(factsOf(want, { ...server, status: 'SHUTOFF' }, '192.168.0.100').ready, true)
  const building = factsOf(want, { ...server, status: 'BUILD', 'OS-EXT-STS:task_state': 'spawning' }, '192.168.0.100')
  assert.deepEqual([building.ready, building.message], [false, 'server vm0 is being built (spawning)'])
  const failed = factsOf(want, { ...server, status: 'ERROR', fault: { message: 'No valid host was found.' } }, undefined)
  assert.deepEqual([failed.ready, failed.failed], [false, true])
  assert.match(failed.message, /No valid host was found\.; delete it/)
})

test('of several servers of a name one that lives is meant, and none that is going', () => {
  const failed = { ...server, id: '0', status: 'ERROR' }
  assert.equal(pickServer([failed, server], 'vm0')?.id, '1')
  assert.equal(pickServer([failed], 'vm0')?.id, '0')
  assert.equal(pickServer([{ ...server, 'OS-EXT-STS:task_state': 'deleting' }], 'vm0'), undefined)
})
