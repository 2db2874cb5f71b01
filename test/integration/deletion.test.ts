// The end of a cloud before a real API server: who has guests is asked twice, and a namespace that is deleted never hangs.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { ensureGoModule } from '../../local/build.ts'
import { kubectlOf } from '../../local/kubectl.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { annotations, apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { connect } from '../../operator/kube/rest-client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'
import { eventually, startOperator } from './operator.ts'
import { rawApi } from './raw-api.ts'
import type { RawApi } from './raw-api.ts'

const CLOUD = 'cloud'
const REFUSED = /Nova counts 2 guests in this cloud.*kubectl -n deletion annotate openstackcluster cloud openstack\.teruwa\.io\/confirm-deletion=cloud/

describe('the deletion of a cloud', () => {
  let server: ApiServer
  let api: RawApi
  let kubectl: Kubectl
  let client: KubeClient

  before(async () => {
    server = await apiServer()
    api = rawApi(server.kubeconfig)
    kubectl = kubectlOf(join(await ensureGoModule('kubernetes'), 'kubectl'), server.kubeconfigPath)
    client = await connect({ kubeconfig: server.kubeconfigPath })
    await kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', join(import.meta.dirname, '../../manifests/install.yaml')])
    await kubectl.run(['wait', '--for=condition=Established', '--timeout=30s', 'crd/openstackclusters.openstack.teruwa.io'])
    await kubectl.run(['create', 'namespace', 'deletion'])
  })

  after(async () => {
    await client?.close()
    await api?.close()
    await server?.stop()
  })

  const make = async (namespace: string, spec: object = {}) => {
    await client.create(openStackClusters, { apiVersion, kind, metadata: { name: CLOUD, namespace }, spec })
  }
  const cluster = async (namespace: string) => (await client.get(openStackClusters, namespace, CLOUD)) as unknown as OpenStackCluster | undefined
  /** As the operator writes it when Nova has said so. */
  const setGuests = async (namespace: string, servers: number) => {
    const hypervisors = { labelled: 1, up: 1, summary: '1/1', servers }
    await client.patch(openStackClusters, namespace, CLOUD, { status: { hypervisors } }, { type: 'merge', subresource: 'status' })
  }
  const confirm = async (text: string | null) => {
    await client.patch(openStackClusters, 'deletion', CLOUD, { metadata: { annotations: { [annotations.confirmDeletion]: text } } }, { type: 'merge' })
  }
  const remove = (query = '?dryRun=All') => api.request('DELETE', `/apis/${apiVersion}/namespaces/deletion/openstackclusters/${CLOUD}${query}`)

  test('needs no word where there is no guest, or nothing is known of any', async () => {
    await make('deletion')
    assert.equal((await remove()).status, 200)
    await setGuests('deletion', 0)
    assert.equal((await remove()).status, 200)
  })

  test('is refused while there are guests, with their number and the remedy, until it is confirmed by its own name', async () => {
    await setGuests('deletion', 2)
    // The API server compiles a new policy some moments after it was made.
    const refusal = await eventually('the policy is in force', async () => {
      const answer = await remove()
      return answer.status === 403 ? answer.text : undefined
    })
    assert.match(refusal, REFUSED)
    await confirm('another-cloud')
    assert.equal((await remove()).status, 403)
    await confirm(CLOUD)
    assert.equal((await remove()).status, 200)
    await confirm(null)
    assert.equal((await remove()).status, 403)
  })

  test('of all clouds of a namespace at once is refused as well', async () => {
    const { status, text } = await api.request('DELETE', `/apis/${apiVersion}/namespaces/deletion/openstackclusters`)
    assert.equal(status, 403, text)
    assert.ok((await cluster('deletion'))?.metadata.deletionTimestamp === undefined)
  })

  for (const deletionPolicy of ['Retain', 'Delete']) {
    test(`with its namespace needs no word and comes to its end, with guests and with deletionPolicy ${deletionPolicy}`, async () => {
      const namespace = `deletion-${deletionPolicy.toLowerCase()}`
      await client.create(ResourceTypes.nodes, {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `${namespace}-node`, labels: { 'test/deletion': namespace } },
      })
      const status = { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], conditions: [{ type: 'Ready', status: 'True' }] }
      await client.patch(ResourceTypes.nodes, undefined, `${namespace}-node`, { status }, { type: 'merge', subresource: 'status' })
      await kubectl.run(['create', 'namespace', namespace])
      // Other tests have clouds of their own on this server, and this node is none of theirs.
      const nodeSelector = { 'test/deletion': namespace }
      await make(namespace, { deletionPolicy, hypervisors: { nodeSelector }, networkNodes: { nodeSelector } })
      const operator = startOperator({ kubeconfig: server.kubeconfigPath, namespace })
      try {
        await eventually('the cloud is begun', async () => await client.get(ResourceTypes.statefulSets, namespace, 'mariadb'))
        await setGuests(namespace, 2)
        assert.equal((await api.request('DELETE', `/apis/${apiVersion}/namespaces/${namespace}/openstackclusters/${CLOUD}?dryRun=All`)).status, 403)
        // From here on nothing can be made in it. What the namespace controller does next is done here, since there is none.
        await kubectl.run(['delete', 'namespace', namespace, '--wait=false'])
        await eventually('the clouds of the namespace may be deleted', async () => {
          const { status: answered } = await api.request('DELETE', `/apis/${apiVersion}/namespaces/${namespace}/openstackclusters`)
          return answered === 200 ? true : undefined
        })
        await eventually('the cloud has come to its end', async () => ((await cluster(namespace)) === undefined ? true : undefined))
        const credentials = await client.get(ResourceTypes.secrets, namespace, `${CLOUD}-credentials`)
        assert.equal(credentials === undefined, deletionPolicy === 'Delete')
      } finally {
        await operator.stop()
      }
      // Nothing that is left waits for anybody but the namespace controller.
      const left = JSON.parse(await kubectl.run(['get', 'all,secrets,persistentvolumeclaims', '-n', namespace, '-o', 'json'])) as {
        items: readonly { kind: string; metadata: { name: string; finalizers?: readonly string[] } }[]
      }
      assert.deepEqual(
        left.items.filter(({ metadata }) => (metadata.finalizers ?? []).some((each) => each.includes('teruwa'))),
        [],
      )
    })
  }
})
