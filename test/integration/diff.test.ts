// What a change would do is said before it is made, and a paused cluster is left alone: a real operator before a real API server.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { diff } from '../../local/diff.ts'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'

const namespace = 'diff'
const name = 'cloud'
const manifest = (spec: object) => [{ apiVersion, kind, metadata: { name, namespace }, spec }]

describe('a change of a cloud', () => {
  let kube: Kubernetes
  let operator: TestOperator | undefined

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace] })
    // No controller makes it here, and a pod needs it.
    await kube.kubectl.run(['create', 'serviceaccount', 'default', '--namespace', namespace])
    await makeNode(kube.client, 'diff-node', { labels: {} })
    await kube.kubectl.apply(manifest({}))
    operator = startOperator({ kubeconfig: kube.kubeconfigPath, namespace })
    await eventually('the cloud is begun', async () => ((await stepOf('memcached'))?.state === 'Progressing' ? true : undefined))
    await eventually('Memcached is made', async () => await kube.client.get(ResourceTypes.deployments, namespace, 'memcached'))
    const labels = { 'app.kubernetes.io/name': 'memcached', 'app.kubernetes.io/part-of': name, 'app.kubernetes.io/managed-by': 'teruwa' }
    const container = { name: 'memcached', image: 'memcached' }
    await kube.client.create(ResourceTypes.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'memcached-0', namespace, labels },
      spec: { containers: [container], automountServiceAccountToken: false },
    })
  })

  after(async () => {
    await operator?.stop()
    await kube?.stop()
  })

  const cluster = async () => (await kube.client.get(openStackClusters, namespace, name)) as unknown as OpenStackCluster | undefined
  const stepOf = async (id: string) => (await cluster())?.status?.steps?.find((step) => step.id === id)

  test('that is none is told as none', async () => {
    assert.equal(await diff(manifest({}), kube.kubectl), `OpenStackCluster ${namespace}/${name}\nnothing would change\n`)
  })

  test('is told by fields, objects and pods, and nothing is written', async () => {
    const versions = () =>
      kube.kubectl.run([
        'get',
        'openstackclusters,secrets,deployments,statefulsets,services',
        '-n',
        namespace,
        '-o',
        'custom-columns=:.metadata.name,:.metadata.generation',
      ])
    const earlier = await versions()
    const text = await diff(
      manifest({
        backing: { cache: { memoryMiB: 128 } },
        services: { horizon: { enabled: false } },
        bootstrap: { flavors: [] },
        overrides: { placement: { 'placement.conf': { DEFAULT: { debug: 'true' } } } },
      }),
      kube.kubectl,
    )
    assert.match(text, /^ {2}spec\.backing\.cache\.memoryMiB: 64 → 128$/m)
    assert.match(text, /objects that would be changed:\n(.*\n)* {2}Secret placement-config \(data\[placement\.conf\]\)\n/)
    assert.match(text, /objects that would be removed:\n( {2}.*\n)*? {2}Secret horizon-config\n/)
    assert.match(text, /pods that would be replaced:\n {2}Deployment memcached: Pod memcached-0\n/)
    assert.doesNotMatch(text, /mariadb|rabbitmq/, 'what would stay as it is')
    assert.equal(await versions(), earlier)
  })

  test('that concerns no pod replaces none', async () => {
    const text = await diff(manifest({ deletionPolicy: 'Delete' }), kube.kubectl)
    assert.match(
      text,
      /^OpenStackCluster diff\/cloud\nfields:\n {2}spec\.deletionPolicy: "Retain" → "Delete"\nasked anew outside of Kubernetes:\n( {2}\w+\/dropped\n)+$/,
    )
  })

  test('that the API server refuses is refused with its sentence', async () => {
    await assert.rejects(diff(manifest({ region: 'RegionTwo' }), kube.kubectl), /spec\.region: Forbidden: .*cannot be changed/)
  })

  test('of a cloud that is not there yet says so', async () => {
    const other = [{ apiVersion, kind, metadata: { name: 'other', namespace }, spec: {} }]
    assert.equal(await diff(other, kube.kubectl), `OpenStackCluster ${namespace}/other is not there yet: all of it would be made\n`)
  })

  test('is not made while the cloud is paused; the status goes on to be true, and what was missed is made up for', async () => {
    await kube.kubectl.apply(manifest({ paused: true }))
    await eventually('it says that it is paused', async () => {
      const { conditions = [] } = (await cluster())?.status ?? {}
      return conditions.find(({ type, reason, observedGeneration }) => type === 'Progressing' && reason === 'Paused' && observedGeneration === 2)
    })
    await kube.client.delete(ResourceTypes.deployments, namespace, 'memcached')
    const missed = await eventually('its status says that Memcached is missing', async () => {
      const step = await stepOf('memcached')
      return step?.message === 'making Deployment memcached' ? step : undefined
    })
    assert.equal(missed.state, 'Progressing')
    const ready = (await cluster())?.status?.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.status, 'False')
    await kube.kubectl.apply(manifest({ paused: true, backing: { cache: { memoryMiB: 128 } } }))
    await eventually('it has seen the change', async () => ((await cluster())?.status?.observedGeneration === 3 ? true : undefined))
    assert.equal(await kube.client.get(ResourceTypes.deployments, namespace, 'memcached'), undefined, 'it was seen twice, and nothing was made')
    await kube.kubectl.apply(manifest({ backing: { cache: { memoryMiB: 128 } } }))
    const made = await eventually('Memcached is made again', async () => await kube.client.get(ResourceTypes.deployments, namespace, 'memcached'))
    assert.match(JSON.stringify(made.spec), /"-m","128"/)
  })
})
