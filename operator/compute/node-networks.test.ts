import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, nodeOf, TestWorld } from '../cluster/test-world.ts'
import type { Scope } from '../model/scope.ts'
import { interfacesSecret, nodeCheck, tunnelEnv } from './node-networks.ts'
import { computeSteps } from './steps.ts'

const hypervisor = { 'openstack.teruwa.io/hypervisor': '' }
const physicalNetworks = [
  {
    name: 'provider',
    interface: 'eth1',
    mtu: 9000,
    overrides: [
      { nodeSelector: { 'kubernetes.io/hostname': 'node-2' }, interface: 'ens3' },
      { nodeSelector: { rack: 'b' }, interface: 'ens4' },
    ],
  },
  { name: 'storage', interface: 'eth2' },
]

function scopeOf(neutron: object, bootstrap: object = {}): Scope {
  const world = new TestWorld(clusterOf({ services: { neutron }, bootstrap }))
  world.nodes = [nodeOf('node-1'), nodeOf('node-2', { ...hypervisor, 'kubernetes.io/hostname': 'node-2', rack: 'b' }), nodeOf('node-3', { rack: 'b' })]
  return world.scope()
}

function files(scope: Scope): Record<string, string> {
  const { data } = interfacesSecret(scope) as unknown as { data: Record<string, string> }
  return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]))
}

function templateOf(object: unknown) {
  const { spec } = object as { spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } } }
  const env = spec.template.spec.containers[0]?.env ?? []
  return { template: spec.template, env: Object.fromEntries(env.map(({ name, value }) => [name, value])) }
}

test('each node that runs an agent has its own interfaces; of several overrides the first that fits counts', () => {
  const found = files(scopeOf({ physicalNetworks }))
  assert.deepEqual(Object.keys(found), ['node-1', 'node-2'], 'node-3 has no role')
  assert.match(found['node-1'] ?? '', /^\[linux_bridge\]\nphysical_interface_mappings = provider:eth1,storage:eth2$/m)
  assert.match(found['node-2'] ?? '', /^physical_interface_mappings = provider:ens3,storage:eth2$/m)
})

test('an interface for two physical networks of one node is refused with its name, and nothing is applied', () => {
  const scope = scopeOf({ physicalNetworks: [...physicalNetworks, { name: 'third', interface: 'ens3' }] })
  assert.throws(() => interfacesSecret(scope), /provider and third would share the interface ens3 of node node-2/)
})

test('another interface of one node changes no pod template, so that no other agent restarts', () => {
  const [before, after] = [scopeOf({ physicalNetworks }), scopeOf({ physicalNetworks: physicalNetworks.map((each) => ({ ...each, overrides: [] })) })]
  assert.notDeepEqual(files(before), files(after))
  const agents = (scope: Scope) =>
    computeSteps(scope)
      .flatMap((step) => step.objects?.(scope) ?? [])
      .filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name.startsWith('neutron-'))
      .map((object) => templateOf(object).template.spec)
  assert.deepEqual(agents(before), agents(after))
})

test('the tunnel is found by an interface, by a network, or by the address of the node; without tunnels nothing is looked for', () => {
  assert.deepEqual(tunnelEnv(scopeOf({})), { TUNNEL_INTERFACE: '', TUNNEL_CIDR: '' })
  assert.deepEqual(tunnelEnv(scopeOf({ tunnel: { interface: 'eth2' } })), { TUNNEL_INTERFACE: 'eth2', TUNNEL_CIDR: '' })
  assert.deepEqual(tunnelEnv(scopeOf({ tunnel: { cidr: '10.20.0.0/16' } })), { TUNNEL_INTERFACE: '', TUNNEL_CIDR: '10.20.0.0/16' })
  assert.deepEqual(tunnelEnv(scopeOf({ mode: 'Provider', tunnel: { cidr: '10.20.0.0/16' } })), { TUNNEL_INTERFACE: '', TUNNEL_CIDR: '' })
})

test('the check of a node asks for the MTU of each physical network and of the tunnel, and for VLANs where one is declared', () => {
  const check = (scope: Scope) => {
    const context = { process: (process: object) => process } as never
    const { env } = templateOf(nodeCheck(scope, context))
    return [env['MTUS'], env['TUNNEL_MTU'], env['VLANS']]
  }
  const vlan = { name: 'tagged', provider: { type: 'vlan', physicalNetwork: 'storage', segmentationId: 7 } }
  assert.deepEqual(check(scopeOf({ physicalNetworks, mtu: 1600 }, { networks: [vlan] })), ['provider:9000 storage:1600', '1600', 'storage:tagged'])
  assert.deepEqual(check(scopeOf({ tenantNetworkType: 'local' })), ['provider:1500', '0', ''])
  assert.deepEqual(check(scopeOf({ mode: 'Provider' })), ['provider:1500', '0', ''])
})

test("no script holds two dollars in a row, which are one in a pod's arguments", () => {
  const scope = scopeOf({})
  const scripts = computeSteps(scope).flatMap((step) => JSON.stringify(step.objects?.(scope) ?? []))
  assert.ok(scripts.every((text) => !text.includes('$$')))
})
