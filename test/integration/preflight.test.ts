// What a cluster of Kubernetes lacks is said before anything of a cloud is made, and a cloud is begun as soon as it is there: before a real API server.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { credentialsSecretName } from '../../operator/model/scope.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'

const NAMESPACE = 'preflight'
const NAME = 'cloud'

describe('before a cloud is begun', () => {
  let kube: Kubernetes
  let operator: TestOperator | undefined

  const made = async () => {
    const types = [ResourceTypes.secrets, ResourceTypes.services, ResourceTypes.statefulSets, ResourceTypes.deployments]
    const lists = await Promise.all(types.map((type) => kube.client.list(type, { namespace: NAMESPACE })))
    return lists.flatMap(({ items }) => items.map((item) => item.metadata.name))
  }
  const said = (reason: string) =>
    eventually(`the cloud says ${reason}`, async () => {
      const cluster = (await kube.client.get(openStackClusters, NAMESPACE, NAME)) as unknown as OpenStackCluster | undefined
      const ready = cluster?.status?.conditions?.find(({ type }) => type === 'Ready')
      return ready?.reason === reason ? ready.message : undefined
    })
  const declare = (spec: object) => kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name: NAME, namespace: NAMESPACE }, spec })
  const levelOf = (level: string) =>
    kube.client.patch(
      ResourceTypes.namespaces,
      undefined,
      NAMESPACE,
      { metadata: { labels: { 'pod-security.kubernetes.io/enforce': level } } },
      { type: 'merge' },
    )

  before(async () => {
    kube = await kubernetes({ namespaces: [NAMESPACE] })
    operator = startOperator({ kubeconfig: kube.kubeconfigPath, namespace: NAMESPACE })
  })
  after(async () => {
    await operator?.stop()
    await kube?.stop()
  })

  test('a StorageClass that is not there and a level of Pod Security are both named, and nothing is made', async () => {
    await levelOf('baseline')
    await declare({ backing: { database: { storage: { storageClassName: 'fats' } } } })
    const message = await said('StorageClassNotFound')
    assert.match(message, /spec\.backing\.database\.storage\.storageClassName: there is no StorageClass fats, there is standard/)
    assert.match(message, /kubectl label namespace preflight pod-security\.kubernetes\.io\/enforce=privileged/)
    assert.deepEqual(await made(), [])
    const { metadata } = (await kube.client.get(openStackClusters, NAMESPACE, NAME)) ?? assert.fail('the cloud is there')
    await kube.client.delete(openStackClusters, NAMESPACE, metadata.name)
    await eventually('the cloud is gone', async () => ((await kube.client.get(openStackClusters, NAMESPACE, NAME)) === undefined ? true : undefined))
  })

  test('a cloud is begun as soon as nothing is lacking any more', async () => {
    await declare({})
    await said('NamespaceNotPrivileged')
    assert.deepEqual(await made(), [])
    await levelOf('privileged')
    await eventually('the cloud is begun', async () => await kube.client.get(ResourceTypes.secrets, NAMESPACE, credentialsSecretName(NAME)))
  })
})
