// The end of a cloud before a real API server: who has guests is asked twice, and a namespace that is deleted never hangs.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { annotations, apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import { rawApi } from './raw-api.ts'
import type { RawApi } from './raw-api.ts'

const CLOUD = 'cloud'
const REFUSED = /Nova counts 2 guests in this cloud.*kubectl -n deletion annotate openstackcluster cloud openstack\.teruwa\.io\/confirm-deletion=cloud/

describe('the deletion of a cloud', () => {
  let kube: Kubernetes
  let api: RawApi

  before(async () => {
    kube = await kubernetes({ namespaces: ['deletion'], resources: false })
    api = rawApi(kube.kubeconfig)
    await kube.kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', join(import.meta.dirname, '../../manifests/install.yaml')])
    await kube.kubectl.run(['wait', '--for=condition=Established', '--timeout=30s', 'crd/openstackclusters.openstack.teruwa.io'])
  })

  after(async () => {
    await api?.close()
    await kube?.stop()
  })

  const make = async (namespace: string, spec: object = {}) => {
    await kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name: CLOUD, namespace }, spec })
  }
  const cluster = async (namespace: string) => (await kube.client.get(openStackClusters, namespace, CLOUD)) as unknown as OpenStackCluster | undefined
  /** As the operator writes it when Nova has said so. */
  const setGuests = async (namespace: string, servers: number) => {
    const hypervisors = { labelled: 1, up: 1, summary: '1/1', servers }
    await kube.client.patch(openStackClusters, namespace, CLOUD, { status: { hypervisors } }, { type: 'merge', subresource: 'status' })
  }
  const confirm = async (text: string | null) => {
    await kube.client.patch(openStackClusters, 'deletion', CLOUD, { metadata: { annotations: { [annotations.confirmDeletion]: text } } }, { type: 'merge' })
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
      await makeNode(kube.client, `${namespace}-node`, { labels: { 'test/deletion': namespace } })
      await kube.kubectl.run(['create', 'namespace', namespace])
      // Other tests have clouds of their own on this server, and this node is none of theirs.
      const nodeSelector = { 'test/deletion': namespace }
      await make(namespace, { deletionPolicy, hypervisors: { nodeSelector }, networkNodes: { nodeSelector } })
      const operator = startOperator({ kubeconfig: kube.kubeconfigPath, namespace })
      try {
        await eventually('the cloud is begun', async () => await kube.client.get(ResourceTypes.statefulSets, namespace, 'mariadb'))
        await setGuests(namespace, 2)
        assert.equal((await api.request('DELETE', `/apis/${apiVersion}/namespaces/${namespace}/openstackclusters/${CLOUD}?dryRun=All`)).status, 403)
        // From here on nothing can be made in it. What the namespace controller does next is done here, since there is none.
        await kube.kubectl.run(['delete', 'namespace', namespace, '--wait=false'])
        await eventually('the clouds of the namespace may be deleted', async () => {
          const { status: answered } = await api.request('DELETE', `/apis/${apiVersion}/namespaces/${namespace}/openstackclusters`)
          return answered === 200 ? true : undefined
        })
        await eventually('the cloud has come to its end', async () => ((await cluster(namespace)) === undefined ? true : undefined))
        const credentials = await kube.client.get(ResourceTypes.secrets, namespace, `${CLOUD}-credentials`)
        assert.equal(credentials === undefined, deletionPolicy === 'Delete')
      } finally {
        await operator.stop()
      }
      // Nothing that is left waits for anybody but the namespace controller.
      const left = JSON.parse(await kube.kubectl.run(['get', 'all,secrets,persistentvolumeclaims', '-n', namespace, '-o', 'json'])) as {
        items: readonly { kind: string; metadata: { name: string; finalizers?: readonly string[] } }[]
      }
      assert.deepEqual(
        left.items.filter(({ metadata }) => (metadata.finalizers ?? []).some((each) => each.includes('teruwa'))),
        [],
      )
    })
  }
})
