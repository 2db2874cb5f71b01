import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planFloatingIp } from './floating-ips.ts'

const want = { server: 'vm0', serverId: 's', network: 'provider' }
const networks = [
  { id: 'ext', name: 'provider', 'router:external': true },
  { id: 'int', name: 'tenant', 'router:external': false },
]
const ports = [
  { id: 'outer', device_id: 's', network_id: 'ext' },
  { id: 'inner', device_id: 's', network_id: 'int' },
  { id: 'other', device_id: 't', network_id: 'int' },
]
const address = { id: 'f', floating_network_id: 'ext', floating_ip_address: '192.168.0.100', port_id: null, description: 'server vm0' }

test('the inner port gets a new address', () => {
  assert.deepEqual(planFloatingIp(want, { networks, ports, addresses: [] }), { do: 'create', network: 'ext', port: 'inner', description: 'server vm0' })
})

test('an address that is there stays', () => {
  assert.deepEqual(planFloatingIp(want, { networks, ports, addresses: [{ ...address, port_id: 'inner' }] }), { do: 'nothing', address: '192.168.0.100' })
})

test('a server that is made anew gets its address back, and nobody else’s', () => {
  assert.equal(planFloatingIp(want, { networks, ports, addresses: [address] }).do, 'associate')
  assert.equal(planFloatingIp(want, { networks, ports, addresses: [{ ...address, description: 'server vm1' }] }).do, 'create')
  assert.equal(planFloatingIp(want, { networks, ports, addresses: [{ ...address, port_id: 'other' }] }).do, 'create')
})

test('without a port there is nothing to do yet; with external ones only it can never be', () => {
  assert.deepEqual(planFloatingIp(want, { networks, ports: ports.slice(2), addresses: [] }), { do: 'wait' })
  assert.throws(() => planFloatingIp(want, { networks, ports: ports.slice(0, 1), addresses: [] }), /attached only to external networks/)
  assert.throws(() => planFloatingIp({ ...want, network: 'tenant' }, { networks, ports, addresses: [] }), /there is no external network tenant/)
})
