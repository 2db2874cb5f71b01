import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, nodeOf } from '../../operator/cluster/test-world.ts'
import type { Kubectl } from '../kubectl.ts'
import { lacksOf, preflight } from './preflight.ts'

const { spec } = clusterOf()

test('nodes that nobody chose, and interfaces that a chosen one lacks', () => {
  const both = nodeOf('both')
  const other = { ...nodeOf('other'), metadata: { name: 'other', labels: {} } }
  const seen = (...names: string[]) => new Map([['both', names]])
  assert.deepEqual(lacksOf(spec, [both, other], seen('eth0', 'eth1')), [])
  assert.deepEqual(lacksOf(spec, [both, other], new Map()), [], 'of which nothing is known, nothing is said')
  assert.deepEqual(lacksOf(spec, [both, other], seen('eth0')), ['spec.services.neutron.physicalNetworks: node both has no interface eth1, it has eth0'])
  assert.deepEqual(lacksOf(spec, [other], new Map()), [
    'no node is to run guests: kubectl label node NODE openstack.teruwa.io/hypervisor=',
    "no node is to run the network's agents: kubectl label node NODE openstack.teruwa.io/network=",
  ])
})

test('interfaces of some nodes, and the one of tunnels', () => {
  const overrides = [{ nodeSelector: { rack: 'a' }, interface: 'ens3' }]
  const odd = clusterOf({
    services: { neutron: { physicalNetworks: [{ name: 'provider', interface: 'eth1', overrides }], tunnel: { interface: 'eth2' } } },
  }).spec
  const node = nodeOf('n')
  const inRack = { ...node, metadata: { ...node.metadata, labels: { ...node.metadata.labels, rack: 'a' } } }
  assert.deepEqual(lacksOf(odd, [inRack], new Map([['n', ['ens3', 'eth0']]])), [
    'spec.services.neutron.tunnel.interface: node n has no interface eth2, it has ens3, eth0',
  ])
})

test('a kubelet that may not be asked, and a manifest that the API server will refuse, hold up nothing', async () => {
  const asked: string[] = []
  const run: Kubectl['run'] = async (args) => {
    asked.push(args.join(' '))
    if (args.includes('--raw')) throw new Error('forbidden')
    return JSON.stringify({ items: [nodeOf('both'), nodeOf('other', {})] })
  }
  const kubectl = { run } as Kubectl
  const cloud = { kind: 'OpenStackCluster', metadata: { name: 'teruwa' } }
  await preflight(kubectl, [cloud])
  assert.deepEqual(asked, ['get nodes -o json', 'get --raw /api/v1/nodes/both/proxy/stats/summary'])
  await preflight(kubectl, [{ ...cloud, spec: { release: 1 } }])
  assert.equal(asked.length, 2)
})
