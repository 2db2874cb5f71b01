import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/types.ts'
import { wantsOf, volumesOf } from './preflight.ts'
import type { Surroundings } from './preflight.ts'
import { clusterOf, EVERYTHING, TestWorld } from './test-world.ts'

function storageClass(name: string, isDefault = false): KubeObject {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': String(isDefault) }
  return { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name, annotations } }
}

function namespaceOf(level?: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'openstack', ...(level === undefined ? {} : { labels: { 'pod-security.kubernetes.io/enforce': level } }) },
  }
}

const fine: Surroundings = { storageClasses: [storageClass('fast'), storageClass('slow', true)], namespace: namespaceOf('privileged'), hasClaim: () => false }

test('every volume of a cloud is known, and no other', () => {
  const world = new TestWorld(clusterOf(EVERYTHING))
  const built = world.plan().flatMap(({ objects }) => objects)
  const claims = built.flatMap(({ kind, metadata, spec }) => {
    if (kind === 'PersistentVolumeClaim') return [metadata.name]
    const templates = (spec as { volumeClaimTemplates?: { metadata: { name: string } }[] } | undefined)?.volumeClaimTemplates ?? []
    return templates.map((template) => `${template.metadata.name}-${metadata.name}-0`)
  })
  assert.deepEqual(
    volumesOf(world.cluster.spec)
      .map(({ claim }) => claim)
      .toSorted(),
    claims.toSorted(),
  )
})

test('nothing is lacking where there is a default class and a privileged namespace', () => {
  assert.deepEqual(wantsOf(clusterOf(), fine), [])
  assert.deepEqual(wantsOf(clusterOf(), { ...fine, namespace: namespaceOf() }), [])
})

test('what the operator may not look at is not lacking', () => {
  assert.deepEqual(wantsOf(clusterOf(), { storageClasses: undefined, namespace: undefined, hasClaim: () => false }), [])
})

test('without a default class, the fields that need one are named', () => {
  const spec = { backing: { database: { storage: { storageClassName: 'fast' } } } }
  const [want, ...others] = wantsOf(clusterOf(spec), { ...fine, storageClasses: [storageClass('fast')] })
  assert.deepEqual(others, [])
  assert.equal(want?.reason, 'StorageClassNotFound')
  assert.match(
    want.message,
    /there is fast: set storageClassName in spec\.backing\.messaging\.storage, spec\.backing\.coordination\.storage, spec\.services\.glance\.storage, or make/,
  )
})

test('a class that is not there is named, with those that are', () => {
  const spec = { services: { glance: { storage: { storageClassName: 'fats' } } } }
  assert.deepEqual(wantsOf(clusterOf(spec), fine), [
    {
      reason: 'StorageClassNotFound',
      message: 'spec.services.glance.storage.storageClassName: there is no StorageClass fats, there is fast, slow: name one of them, or make it',
    },
  ])
})

test('volumes that are there already need no class, and those of somebody else are none of ours', () => {
  assert.deepEqual(wantsOf(clusterOf(), { ...fine, storageClasses: [], hasClaim: () => true }), [])
  const external = { backing: { database: { external: { host: 'db.example.com', adminSecret: { name: 'db', key: 'password' } } } } }
  assert.doesNotMatch(wantsOf(clusterOf(external), { ...fine, storageClasses: [] })[0]?.message ?? '', /database/)
})

test('a namespace that enforces another level is named, with the command', () => {
  for (const level of ['baseline', 'restricted']) {
    const [want] = wantsOf(clusterOf(), { ...fine, namespace: namespaceOf(level) })
    assert.equal(want?.reason, 'NamespaceNotPrivileged')
    assert.match(want.message, new RegExp(`level ${level} .*kubectl label namespace openstack pod-security\\.kubernetes\\.io/enforce=privileged --overwrite`))
  }
})
