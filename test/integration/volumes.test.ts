// The volumes of a cluster, before a real API server: removed by app or all, and never those of somebody else.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { removeVolumes } from '../../operator/cluster/volumes.ts'
import { connect } from '../../operator/kube/rest-client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { selector } from '../../operator/workloads/metadata.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'
import { rawApi } from './raw-api.ts'

const namespace = 'volumes'
const cluster = { name: 'teruwa', namespace }
const signal = new AbortController().signal

describe('the volumes of a cluster', () => {
  let server: ApiServer
  let client: KubeClient

  /** Claims that nobody has asked to be removed. The server itself keeps them until no pod uses them, which nobody here sees to. */
  const left = async () => {
    const { items } = await client.list(ResourceTypes.persistentVolumeClaims, { namespace }, signal)
    return items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata }) => metadata.name)
      .toSorted()
  }

  before(async () => {
    server = await apiServer()
    client = await connect({ kubeconfig: server.kubeconfigPath })
    const api = rawApi(server.kubeconfig)
    await api.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    const claims = [
      ['data-etcd-0', selector(cluster, 'etcd')],
      ['data-mariadb-0', selector(cluster, 'mariadb')],
      ['data-etcd-1', selector({ name: 'another' }, 'etcd')],
      ['somebodys', {}],
    ] as const
    for (const [name, labels] of claims) {
      await api.request('POST', `/api/v1/namespaces/${namespace}/persistentvolumeclaims`, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, labels },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      })
    }
    await api.close()
  })

  after(async () => {
    await client?.close()
    await server?.stop()
  })

  test('those of one app', async () => {
    await removeVolumes(client, cluster, 'etcd', signal)
    assert.deepEqual(await left(), ['data-etcd-1', 'data-mariadb-0', 'somebodys'])
  })

  test('all of them, and again, when nothing is left', async () => {
    await removeVolumes(client, cluster, undefined, signal)
    await removeVolumes(client, cluster, undefined, signal)
    assert.deepEqual(await left(), ['data-etcd-1', 'somebodys'])
  })
})
