// An operator that looks after one namespace, with the rights that the chart gives it there and none elsewhere, before a real API server.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { accountKubeconfig, applyChart } from './chart-account.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'

const namespace = 'namespaced'
const elsewhere = 'namespaced-elsewhere'

describe('an operator of one namespace', () => {
  let kube: Kubernetes
  let folder: string
  let operator: TestOperator | undefined

  const cluster = (where: string, name: string) => kube.client.get(openStackClusters, where, name) as Promise<OpenStackCluster | undefined>
  const readiness = async () => (await cluster(namespace, 'cloud'))?.status?.conditions?.find(({ type }) => type === 'Ready')

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace, elsewhere], resources: false })
    folder = await mkdtemp(join(tmpdir(), 'teruwa-namespaced-'))
    await applyChart(kube, namespace, `watchNamespace=${namespace}`, 'clusterRole=false')
    await kube.kubectl.run(['wait', '--for=condition=Established', '--timeout=30s', 'crd/openstackclusters.openstack.teruwa.io'])
    await makeNode(kube.client, 'namespaced-node', { labels: {} })
    for (const [where, name] of [
      [namespace, 'cloud'],
      [elsewhere, 'other'],
    ] as const) {
      await kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name, namespace: where } })
    }
    operator = startOperator({ kubeconfig: await accountKubeconfig(kube, namespace, folder), namespace, leaderElection: { namespace, name: 'teruwa' } })
  })

  after(async () => {
    await operator?.stop()
    if (folder) await rm(folder, { recursive: true })
    await kube?.stop()
  })

  test('says in the status which right it lacks, and makes nothing', async () => {
    const ready = await eventually('the condition is there', async () => {
      const condition = await readiness()
      return condition?.reason === 'MissingRights' ? condition : undefined
    })
    assert.equal(ready.status, 'False')
    assert.match(ready.message, /may not list and watch nodes: grant it list and watch of them \(nodes belong to no namespace, .*ClusterRoleBinding\)/)
    const { items } = await kube.client.list(ResourceTypes.secrets, { namespace })
    assert.deepEqual(items, [])
    assert.ok(operator?.lines.some((line) => line.includes('rights are missing') && line.includes('"forbidden":["nodes"]')))
  })

  test('goes on once an administrator has granted it, with what it has in its namespace', async () => {
    await kube.kubectl.run(['create', 'clusterrole', 'namespaced-nodes', '--verb=list,watch', '--resource=nodes'])
    await kube.kubectl.run(['create', 'clusterrolebinding', 'namespaced-nodes', '--clusterrole=namespaced-nodes', `--serviceaccount=${namespace}:own-teruwa`])
    await eventually('MariaDB is made', async () => await kube.client.get(ResourceTypes.statefulSets, namespace, 'mariadb'))
    await eventually('the cloud is on its way', async () => ((await readiness())?.reason === 'MissingRights' ? undefined : true))
    const steps = (await cluster(namespace, 'cloud'))?.status?.steps ?? []
    assert.deepEqual(
      steps.filter(({ message = '' }) => message.includes('forbidden')),
      [],
      'it may make all that a cloud consists of',
    )
  })

  test('leaves the clouds of other namespaces alone, and may not even look at them', async () => {
    const { metadata, status } = (await cluster(elsewhere, 'other')) ?? {}
    assert.deepEqual([metadata?.finalizers, status], [undefined, { observedGeneration: -1 }], 'nobody has looked at it')
    const can = (...what: string[]) =>
      kube.kubectl.run(['auth', 'can-i', ...what, '--as', `system:serviceaccount:${namespace}:own-teruwa`, '--as-group=system:authenticated']).then(
        () => true,
        () => false,
      )
    assert.equal(await can('create', 'deployments', '--namespace', namespace), true)
    for (const resource of ['openstackclusters', 'secrets', 'pods']) assert.equal(await can('list', resource, '--namespace', elsewhere), false, resource)
  })
})
