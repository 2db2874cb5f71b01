import assert from 'node:assert/strict'
import { test } from 'node:test'
import { comparableSubnet, externalNetworkId, gatewayNetwork, subnetId, wantedNetwork, wantedSubnet } from './network-wants.ts'
import { planActions } from './resource.ts'

const subnet = {
  name: 'v4',
  cidr: '192.168.0.0/23',
  gateway: '192.168.0.1',
  pools: [
    { start: '192.168.1.0', end: '192.168.1.9' },
    { start: '192.168.0.100', end: '192.168.0.250' },
  ],
  dhcp: true,
  dnsNameservers: ['192.168.0.2'],
}
const listed = {
  id: 's',
  name: 'v4',
  network_id: 'n',
  cidr: '192.168.0.0/23',
  ip_version: 4,
  gateway_ip: '192.168.0.1',
  allocation_pools: subnet.pools,
  enable_dhcp: true,
  dns_nameservers: ['192.168.0.2'],
}

test('pools count as equal in any order', () => {
  const want = wantedSubnet(subnet, 'n', 'p')
  for (const pools of [subnet.pools, subnet.pools.toReversed()]) {
    assert.deepEqual(
      planActions('subnet', [want], [comparableSubnet({ ...listed, allocation_pools: pools })]).map((action) => action.do),
      ['nothing'],
    )
  }
})

test('without a gateway and pools, those that Neutron chose stay', () => {
  const want = wantedSubnet({ ...subnet, gateway: undefined, pools: [] }, 'n', 'p')
  assert.deepEqual(
    planActions('subnet', [want], [comparableSubnet(listed)]).map((action) => action.do),
    ['nothing'],
  )
})

test('another CIDR is refused, another pool is an update', () => {
  assert.throws(
    () => planActions('subnet', [wantedSubnet({ ...subnet, cidr: '10.0.0.0/8' }, 'n', 'p')], [comparableSubnet(listed)]),
    /subnet v4: cidr is "192.168.0.0\/23"/,
  )
  const [pool] = subnet.pools
  assert.ok(pool)
  const [action] = planActions('subnet', [wantedSubnet({ ...subnet, pools: [pool] }, 'n', 'p')], [comparableSubnet(listed)])
  assert.deepEqual(action?.do === 'update' && action.body, { allocation_pools: [pool] })
})

test('a subnet of IPv6 has its modes from the start, and other ones are refused', () => {
  const slaac = { ...subnet, cidr: 'fd00:1::/64', gateway: undefined, pools: [], ipv6AddressMode: 'slaac' as const, ipv6RaMode: 'slaac' as const }
  const want = wantedSubnet(slaac, 'n', 'p')
  assert.deepEqual(want.fixed, { cidr: 'fd00:1::/64', ip_version: 6, ipv6_address_mode: 'slaac', ipv6_ra_mode: 'slaac' })
  const there = { ...listed, cidr: 'fd00:1::/64', ip_version: 6, ipv6_address_mode: 'slaac', ipv6_ra_mode: null }
  assert.throws(() => planActions('subnet', [want], [comparableSubnet(there)]), /subnet v4: ipv6_ra_mode is null and cannot be changed to "slaac"/)
})

test('a provider network is fixed where it stands, and a tenant network says nothing of it', () => {
  const network = { name: 'provider', shared: true, external: true, subnets: [], provider: { type: 'flat', physicalNetwork: 'provider' } } as const
  assert.deepEqual(wantedNetwork({ ...network, subnets: [] }, 'p').fixed, {
    'provider:network_type': 'flat',
    'provider:physical_network': 'provider',
    'provider:segmentation_id': undefined,
  })
  assert.deepEqual(wantedNetwork({ ...network, subnets: [], provider: undefined }, 'p').fixed, {})
})

test('names are looked up where they can only mean one thing', () => {
  const networks = [
    { id: '1', name: 'provider', 'router:external': true },
    { id: '2', name: 'provider', 'router:external': false },
  ]
  assert.equal(externalNetworkId(networks, 'provider'), '1')
  assert.throws(() => externalNetworkId(networks, 'other'), /there is no external network other/)
  const subnets = [
    { id: '1', name: 'v4', project_id: 'a' },
    { id: '2', name: 'v4', project_id: 'b' },
    { id: '3', name: 'shared', project_id: 'a' },
  ]
  assert.equal(subnetId(subnets, 'v4', 'b'), '2')
  assert.equal(subnetId(subnets, 'shared', 'b'), '3')
  assert.throws(() => subnetId(subnets, 'v4', 'c'), /there are 2 of subnet v4/)
})

test('the gateway of a router is read where there is one', () => {
  assert.equal(gatewayNetwork({ id: 'r', external_gateway_info: { network_id: 'n' } }), 'n')
  assert.equal(gatewayNetwork({ id: 'r', external_gateway_info: null }), undefined)
  assert.equal(gatewayNetwork(undefined), undefined)
})
