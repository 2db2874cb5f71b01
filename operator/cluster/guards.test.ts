import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import type { DefinitionFault } from './definitions.ts'
import { Guards } from './guards.ts'
import type { Want } from './preflight.ts'
import { clusterOf } from './test-world.ts'

const { signal } = new AbortController()
const cluster = clusterOf()
const older: OpenStackCluster = { ...cluster, metadata: { ...cluster.metadata, name: 'first', creationTimestamp: '2025-12-31T00:00:00Z' } }
const outdated = (blocks: boolean): DefinitionFault => ({ reason: 'OutdatedDefinition', message: 'too old', blocks })

interface World {
  readonly forbidden?: readonly string[]
  readonly clusters?: readonly OpenStackCluster[]
  readonly owned?: readonly KubeObject[]
  readonly fault?: DefinitionFault
  readonly wants?: readonly Want[]
}

function guardsOf({ forbidden = [], clusters = [cluster], owned = [], fault, wants = [] }: World) {
  let looks = 0
  const preflight = () => {
    looks += 1
    return Promise.resolve(wants)
  }
  const watches = { forbidden: () => forbidden, clusters: () => clusters, ownedBy: () => owned }
  return { guards: new Guards({ watches, definitions: { fault: () => fault }, preflight }), looks: () => looks }
}

test('a cluster that is seen whole and alone in its namespace is looked after, and so is the older one of two', () => {
  assert.equal(guardsOf({}).guards.hold(cluster), undefined)
  assert.equal(guardsOf({ fault: outdated(false) }).guards.hold(cluster), undefined)
  assert.equal(guardsOf({ clusters: [cluster, older] }).guards.hold(older), undefined)
  assert.equal(
    new Guards({ watches: { forbidden: () => [], clusters: () => [], ownedBy: () => [] }, definitions: undefined, preflight: undefined }).hold(cluster),
    undefined,
  )
})

test('what the operator may not see comes first, then definitions that are too old, then an older cluster of the namespace', () => {
  const all = { forbidden: ['nodes', 'jobs.batch'], fault: outdated(true), clusters: [cluster, older] }
  const blind = guardsOf(all).guards.hold(cluster)
  assert.equal(blind?.reason, 'MissingRights')
  assert.match(blind.message, /may not list and watch nodes, jobs\.batch: .* \(nodes belong to no namespace, .*\); until then everything stays as it is$/)
  assert.deepEqual(guardsOf({ ...all, forbidden: [] }).guards.hold(cluster), { reason: 'OutdatedDefinition', message: 'too old', requeueAfter: 30_000 })
  const second = guardsOf({ clusters: [cluster, older] }).guards.hold(cluster)
  assert.equal(second?.reason, 'NamespaceInUse')
  assert.match(second.message, /^the namespace openstack holds the OpenStackCluster first already/)
})

test('of two clusters that were made in the same second the first by name stays', () => {
  const twin: OpenStackCluster = { ...cluster, metadata: { ...cluster.metadata, name: 'alpha' } }
  const { guards } = guardsOf({ clusters: [cluster, twin] })
  assert.equal(guards.hold(twin), undefined)
  assert.equal(guards.hold(cluster)?.reason, 'NamespaceInUse')
})

test('all that is lacking is told at once, and asked for as long as nothing of the cloud is there', async () => {
  const wants: readonly Want[] = [
    { reason: 'StorageClassNotFound', message: 'no class' },
    { reason: 'NamespaceNotPrivileged', message: 'no pods' },
  ]
  const none = guardsOf({ wants })
  assert.deepEqual(await none.guards.lack(cluster, signal), { reason: 'StorageClassNotFound', message: 'no class; no pods', requeueAfter: 5000 })
  const there = guardsOf({ wants, owned: [{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' } }] })
  assert.equal(await there.guards.lack(cluster, signal), undefined)
  assert.equal(there.looks(), 0)
  assert.equal(await guardsOf({}).guards.lack(cluster, signal), undefined)
})
