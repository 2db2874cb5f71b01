// The volumes of a cluster, before a real API server: removed by app or all, and never those of somebody else.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { removeVolumes } from '../../operator/cluster/volumes.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { selector } from '../../operator/workloads/metadata.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'

const namespace = 'volumes'
const cluster = { name: 'teruwa', namespace }
const signal = new AbortController().signal

describe('the volumes of a cluster', () => {
  let kube: Kubernetes

  /** Claims that nobody has asked to be removed. The server itself keeps them until no pod uses them, which nobody here sees to. */
  const left = async () => {
    const { items } = await kube.client.list(ResourceTypes.persistentVolumeClaims, { namespace }, signal)
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name)
      .toSorted()
  }

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace], resources: false })
    const claims = [
      ['data-etcd-0', selector(cluster, 'etcd')],
      ['data-mariadb-0', selector(cluster, 'mariadb')],
      ['data-etcd-1', selector({ name: 'another' }, 'etcd')],
      ['somebodys', {}],
    ] as const
    for (const [name, labels] of claims) {
      await kube.client.create(ResourceTypes.persistentVolumeClaims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, namespace, labels },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      })
    }
  })

  after(async () => {
    await kube?.stop()
  })

  test('those of one app', async () => {
    await removeVolumes(kube.client, cluster, 'etcd', signal)
    assert.deepEqual(await left(), ['data-etcd-1', 'data-mariadb-0', 'somebodys'])
  })

  test('all of them, and again, when nothing is left', async () => {
    await removeVolumes(kube.client, cluster, undefined, signal)
    await removeVolumes(kube.client, cluster, undefined, signal)
    assert.deepEqual(await left(), ['data-etcd-1', 'somebodys'])
  })
})
