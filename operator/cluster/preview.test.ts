import assert from 'node:assert/strict'
import { test } from 'node:test'
import { previewOf } from './preview.ts'
import { clusterOf, nodeOf, TestWorld } from './test-world.ts'

/** A cloud that is all there. */
function readyWorld(spec: Record<string, unknown> = {}): TestWorld {
  const world = new TestWorld(clusterOf(spec))
  world.nodes = [nodeOf('node-1'), nodeOf('node-2')]
  world.settle()
  world.pods = ['node-1', 'node-2'].map((node) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `nova-compute-${node}`, labels: { 'app.kubernetes.io/name': 'nova-compute' } },
    spec: { nodeName: node },
  }))
  return world
}

function preview(world: TestWorld, spec: Record<string, unknown>) {
  const other = new TestWorld(clusterOf(spec), world)
  other.nodes = world.nodes
  other.pods = world.pods
  const { changes, ...rest } = previewOf(world.scope(), other.scope(), [...world.live.values()])
  return {
    ...rest,
    removed: rest.removed.map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    made: changes.filter(({ live }) => live === undefined).map(({ desired: { kind, metadata } }) => `${kind}/${metadata.name}`),
    changed: changes.filter(({ live }) => live !== undefined).map(({ desired: { kind, metadata }, path }) => `${kind}/${metadata.name} ${path}`),
  }
}

test('the same spec changes nothing', () => {
  assert.deepEqual(preview(readyWorld(), {}), { made: [], changed: [], removed: [], restarts: [], asked: [], failed: [] })
})

test('an option of one service changes its file and its workloads, and nothing else', () => {
  const { made, changed, removed } = preview(readyWorld(), { overrides: { placement: { 'placement.conf': { DEFAULT: { debug: 'true' } } } } })
  assert.deepEqual(
    changed.map((each) => each.split(' ')[0]),
    ['Secret/placement-config', 'Deployment/placement-api'],
  )
  assert.deepEqual([made, removed], [[], []])
})

test('a service that is switched off goes with all that is its own, and one that is switched on comes', () => {
  const off = preview(readyWorld(), { services: { horizon: { enabled: false } } })
  assert.deepEqual(off.removed.toSorted(), ['Deployment/horizon-web', 'Secret/horizon-config', 'Service/horizon-web'])
  const on = preview(readyWorld({ services: { nova: { metadata: { enabled: false } } } }), {})
  assert.deepEqual(on.made.toSorted(), ['DaemonSet/neutron-metadata-agent', 'Deployment/nova-metadata', 'Service/nova-metadata'])
})

test('of options for some nodes, just their pods start anew; what cannot be is said', () => {
  const entry = (value: string) => ({ name: 'one', nodeSelector: { rack: 'a' }, nova: { 'nova-compute.conf': { DEFAULT: { debug: value } } } })
  const world = readyWorld({ nodeOverrides: [entry('false')] })
  const rack = { 'openstack.teruwa.io/hypervisor': '', 'openstack.teruwa.io/network': '', rack: 'a' }
  world.nodes = [nodeOf('node-1'), nodeOf('node-2', rack)]
  world.act(world.plan())
  const changed = preview(world, { nodeOverrides: [entry('true')] })
  assert.deepEqual(changed.restarts, [{ pod: 'nova-compute-node-2', node: 'node-2', secret: 'nova-compute-nodes' }])
  assert.deepEqual(
    changed.changed.map((each) => each.split(' ')[0]),
    ['Secret/nova-compute-nodes'],
  )
  const refused = preview(world, { nodeOverrides: [entry('true'), { ...entry('false'), name: 'two' }] })
  assert.match(
    refused.failed.map(({ step, message }) => `${step}: ${message}`).join(),
    /^compute\/nova-compute: nodeOverrides: one and two both fit node node-2/,
  )
  assert.deepEqual(refused.changed, [])
})

test('what is outside of Kubernetes is named by the step that would ask for it', () => {
  const flavors = [{ name: 'm1.new', vcpus: 1, ramMiB: 64, diskGiB: 1 }]
  assert.deepEqual(preview(readyWorld(), { bootstrap: { flavors } }).asked, ['bootstrap/flavors'])
})
