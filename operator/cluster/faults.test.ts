import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { KubeError } from '../kube/error.ts'
import { Faults, withFaults } from './faults.ts'

const forbidden = (sentence: string) =>
  new KubeError({ method: 'PATCH', path: '/', status: 403, reason: 'Forbidden', detail: `deployments.apps "a" is forbidden: User "u" ${sentence}` })
const mayNotPatch = forbidden('cannot patch resource "deployments" in API group "apps" in the namespace "ns"')
const quota = new KubeError({ method: 'POST', path: '/', status: 403, reason: 'Forbidden', detail: 'pods "a" is forbidden: exceeded quota: q' })

test('a missing right is told with its remedy until it is there; other errors are handed on', () => {
  const faults = new Faults()
  const other = new Error('connection refused')
  assert.deepEqual(faults.take('ns/a', 'act', [new AggregateError([mayNotPatch, quota]), other, mayNotPatch]), [quota, other])
  const [fault, ...more] = faults.of('ns/a')
  assert.equal(fault?.reason, 'MissingRights')
  assert.match(fault?.message ?? '', /^the operator's ServiceAccount may not patch deployments\.apps in namespace ns: grant it that, .*docs\/rbac\.md\)$/)
  assert.deepEqual(more, [], 'once')
  assert.deepEqual(faults.of('ns/b'), [])
  assert.deepEqual(faults.take('ns/a', 'act', []), [])
  assert.deepEqual(faults.of('ns/a'), [])
})

test('what belongs to no cluster is told in each', () => {
  const faults = new Faults()
  faults.takeEverywhere('events', forbidden('cannot create resource "events" in API group "events.k8s.io" in the namespace "ns"'))
  assert.match(faults.of('ns/a')[0]?.message ?? '', /may not create events\.events\.k8s\.io in namespace ns/)
  faults.forget('ns/a')
  assert.equal(faults.of('ns/a').length, 1)
  faults.takeEverywhere('events', undefined)
  assert.deepEqual(faults.of('ns/a'), [])
})

test('what cannot be told in a status is kept for /readyz, and is news once', () => {
  const faults = new Faults()
  const lease = forbidden('cannot update resource "leases" in API group "coordination.k8s.io" in the namespace "ns"')
  assert.equal(faults.takeUntold('lease', lease), true)
  assert.equal(faults.takeUntold('lease', lease), false)
  assert.match(faults.untold().join(), /may not update leases\.coordination\.k8s\.io in namespace ns/)
  assert.equal(faults.takeUntold('lease', new Error('timeout')), false)
  assert.deepEqual(faults.untold(), [])
})

test('the condition is there while something is wrong, and keeps the time since when it is', () => {
  const fault = { reason: 'MissingRights', message: 'a' } as const
  const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: '', lastTransitionTime: '2030-01-01T00:00:00Z' } as const
  const cluster = (conditions: object[]) => ({ metadata: { generation: 2 }, status: { conditions } }) as unknown as OpenStackCluster
  const first = withFaults(cluster([ready]), { conditions: [ready] }, [fault], new Date('2030-01-02T00:00:00Z'))
  const [, told] = first.conditions ?? []
  assert.deepEqual(told, {
    type: 'InstallationFaulty',
    status: 'True',
    reason: 'MissingRights',
    message: 'a',
    observedGeneration: 2,
    lastTransitionTime: '2030-01-02T00:00:00Z',
  })
  const later = new Date('2030-01-03T00:00:00Z')
  assert.deepEqual(withFaults(cluster(first.conditions ?? []), { conditions: [ready] }, [fault], later), first)
  const second = withFaults(cluster(first.conditions ?? []), { conditions: [ready] }, [fault, { ...fault, message: 'b' }], later)
  assert.deepEqual([second.conditions?.[1]?.message, second.conditions?.[1]?.lastTransitionTime], ['a; b', told?.lastTransitionTime])
  assert.deepEqual(withFaults(cluster(first.conditions ?? []), first, [], later), { conditions: [ready] })
})
