// What the operator makes, and may make: all objects of a whole cloud, as its ServiceAccount, before a real API server.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { loadAll } from 'js-yaml'
import { kind } from '../../operator/api/v1alpha1/index.ts'
import { serviceObjects } from '../../operator/cluster/foundation.ts'
import { stepsOf } from '../../operator/cluster/graph.ts'
import { clusterOf, TestWorld } from '../../operator/cluster/test-world.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { ResourceType } from '../../operator/kube/types.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { rawApi } from './raw-api.ts'
import type { RawApi } from './raw-api.ts'

const root = join(import.meta.dirname, '..', '..')
const user = 'system:serviceaccount:teruwa-system:teruwa'
const namespace = 'objects'

describe('the objects of a cloud', () => {
  let kube: Kubernetes
  let api: RawApi

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace], resources: false })
    api = rawApi(kube.kubeconfig)
    await kube.kubectl.run(['apply', '--server-side', '--force-conflicts', '-f', join(root, 'manifests', 'install.yaml')])
  })

  after(async () => {
    await api?.close()
    await kube?.stop()
  })

  const apply = (documents: readonly unknown[]) =>
    kube.kubectl.run(['apply', '--server-side', '--dry-run=server', '--validate=strict', '--output=name', '--namespace', namespace, '--as', user, '-f', '-'], {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: documents }),
    })

  for (const file of ['minimal.yaml', 'cluster.yaml']) {
    test(`all of manifests/${file}, and chrony, are accepted from the operator`, async () => {
      const world = new TestWorld(clusterOf({ ...(await specOf(file)), timeSync: { mode: 'Synchronize', servers: ['ntp.example.com'] } }))
      answerWithWork(world)
      const { cluster } = world
      const objects = [...serviceObjects({ ...cluster.metadata, spec: cluster.spec }), ...world.plan().flatMap((step) => step.objects)]
      assert.ok(objects.length > 40)
      const placed = objects.map((object) => ({ ...object, metadata: { ...object.metadata, namespace } }))
      const names = await apply(placed)
      assert.match(names, /job.batch\/nova-discover/)
      assert.match(names, /daemonset.apps\/chrony/)
      assert.equal(names.trim().split('\n').length, objects.length)
    })
  }

  test('what it may not make is refused', async () => {
    await assert.rejects(
      apply([{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'more', namespace }, rules: [] }]),
      /cannot patch resource "roles"/,
    )
  })

  const allowed = async (type: ResourceType, verb: string, inNamespace?: string) => {
    const group = type.apiVersion.includes('/') ? type.apiVersion.split('/')[0] : ''
    const resourceAttributes = { group, resource: type.plural, verb, ...(inNamespace ? { namespace: inNamespace } : {}) }
    const groups = ['system:serviceaccounts', 'system:authenticated']
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec: { user, groups, resourceAttributes } }
    const { status, text } = await api.request('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', review)
    assert.equal(status, 201, text)
    return text.includes('"allowed":true')
  }

  // What it may do is held to what it does in installation.test.ts.
  test('the operator may read no Lease of other namespaces, and no role', async () => {
    assert.ok(!(await allowed(ResourceTypes.leases, 'get', 'kube-system')))
    assert.ok(!(await allowed({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false }, 'get')))
  })
})

/** Lets Glance lack all images, and Nova's cell all hosts: both make Jobs. */
function answerWithWork(world: TestWorld): void {
  const scope = world.scope()
  for (const step of stepsOf(scope)) {
    const call = step.outside?.(scope)
    if (call?.kind === 'images') world.answer(step.id, call, { ready: false, message: '', data: { images: {} } })
    if (call?.kind !== 'compute') continue
    const compute = call.want.map((host) => ({ host, up: true, registered: true, mapped: false, servers: 0 }))
    world.answer(step.id, call, { ready: false, message: '', data: { compute } })
  }
}

/** The spec of a sample. */
async function specOf(file: string): Promise<Record<string, unknown>> {
  const documents = loadAll(await readFile(join(root, 'manifests', file), 'utf8'))
  for (const document of documents) {
    if (typeof document !== 'object' || document === null || !('kind' in document) || document.kind !== kind) continue
    return 'spec' in document && typeof document.spec === 'object' && document.spec !== null ? { ...document.spec } : {}
  }
  throw new Error(`there is no ${kind} in manifests/${file}`)
}
