import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, TestWorld } from '../cluster/test-world.ts'
import type { KubeObject } from '../kube/types.ts'

function objectsOf(spec: Record<string, unknown>): Map<string, KubeObject> {
  const objects = new TestWorld(clusterOf(spec)).plan().flatMap((step) => step.objects)
  return new Map(objects.map((object) => [`${object.kind}/${object.metadata.name}`, object]))
}

interface Template {
  readonly spec: {
    readonly containers: readonly { readonly lifecycle?: { readonly preStop?: unknown }; readonly ports?: unknown }[]
    readonly terminationGracePeriodSeconds: number
  }
}

test('a drain takes one pod of several at a time, and has nothing to heed where there is but one', () => {
  assert.equal(objectsOf({}).has('PodDisruptionBudget/keystone-api'), false)
  const budget = objectsOf({ services: { keystone: { replicas: 2 } } }).get('PodDisruptionBudget/keystone-api')
  assert.deepEqual(budget?.spec, {
    maxUnavailable: 1,
    selector: { matchLabels: { 'app.kubernetes.io/name': 'keystone-api', 'app.kubernetes.io/part-of': 'teruwa' } },
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
  })
})

test('a second replica does not restart the first: the template of the pods stays as it is', () => {
  const templateOf = (replicas: number) => {
    const placement = objectsOf({ services: { placement: { replicas } } }).get('Deployment/placement-api')
    assert.ok(placement)
    return (placement.spec as { template: object }).template
  }
  assert.deepEqual(withoutHash(templateOf(2)), withoutHash(templateOf(1)))
})

test('every Deployment that clients reach goes on serving while its endpoint is being taken away, and has time left to finish', () => {
  const deployments = [...objectsOf({}).values()].filter(({ kind }) => kind === 'Deployment')
  const serving = deployments
    .map(({ metadata, spec }) => ({ name: metadata.name, template: (spec as { template: Template }).template }))
    .filter(({ name }) => /-(api|web|metadata|novncproxy)$/.test(name))
  assert.ok(serving.length >= 7, `${serving.length} Deployments serve`)
  for (const { name, template } of serving) {
    assert.deepEqual(template.spec.containers[0]?.lifecycle?.preStop, { exec: { command: ['sleep', '5'] } }, name)
    assert.ok(template.spec.terminationGracePeriodSeconds >= 20, name)
  }
})

function withoutHash(template: object): unknown {
  return JSON.parse(JSON.stringify(template), (key, value: unknown) => (key === 'annotations' ? undefined : value)) as unknown
}
