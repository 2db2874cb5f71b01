import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dependants, dependsMessage } from './self-service.ts'

test('networks on physical ones depend on nothing; all others, routers and floating IPs do', () => {
  const networks = [
    { id: '1', name: 'provider', 'provider:network_type': 'flat' },
    { id: '2', name: 'tagged', 'provider:network_type': 'vlan' },
    { id: '3', name: 'selfservice', 'provider:network_type': 'vxlan' },
    { id: '4', name: '', 'provider:network_type': 'local' },
  ]
  assert.deepEqual(dependants(networks, [{ id: '5', name: 'router' }], [{ id: '6', floating_ip_address: '192.168.0.110' }]), [
    'floating IP 192.168.0.110',
    'network 4',
    'network selfservice',
    'router router',
  ])
  assert.deepEqual(dependants(networks.slice(0, 2), [], []), [])
})

test('the message names ten of them and counts the rest', () => {
  assert.match(dependsMessage(['network a']), /^services\.neutron\.mode: cannot become Provider while there are network a: delete them/)
  assert.match(dependsMessage(Array.from({ length: 12 }, (_, index) => `network n${index}`)), /network n9 and 2 more: delete/)
})
