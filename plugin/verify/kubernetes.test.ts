import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiVersion } from '../../operator/api/v1alpha1/index.ts'
import type { Hypervisor } from '../../operator/api/v1alpha1/index.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import { cloudAfter } from '../test-cloud.ts'
import { checked, report } from './check.ts'
import { conditions, hypervisors, pods, steps } from './kubernetes.ts'

const pod = (name: string, ready: boolean, more: Partial<KubeObject['metadata']> = {}, phase = 'Running'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...more },
  status: {
    phase,
    conditions: [{ type: 'Ready', status: ready ? 'True' : 'False', ...(ready ? {} : { message: 'no answer' }) }],
    containerStatuses: [{ restartCount: 1 }],
  },
})
const hypervisor = (status: Hypervisor['status']): Hypervisor => ({
  apiVersion,
  kind: 'Hypervisor',
  metadata: { name: 'node-1', namespace: 'openstack' },
  spec: { cluster: 'teruwa', node: 'node-1' },
  status,
})

test('a cloud that is ready passes, one that is not says which step and which condition', () => {
  const ready = cloudAfter(12)
  assert.match(conditions(ready), /^\d+, as they should be$/)
  assert.match(steps(ready), /^\d+, all ready$/)
  const early = cloudAfter(3)
  assert.throws(() => conditions(early), /saw Ready=False \(Progressing: /)
  assert.throws(() => steps(early), /saw .*keystone\/api Waiting: waits for keystone\/schema/)
})

test('a status that is about another generation, and none at all, do not pass', () => {
  const ready = cloudAfter(12)
  assert.throws(() => conditions({ ...ready, metadata: { ...ready.metadata, generation: 2 } }), /to have seen generation 2, saw generation 1/)
  const { status: _, ...unseen } = ready
  assert.throws(() => conditions(unseen), /saw generation -1/)
  assert.throws(() => steps(unseen), /saw none/)
})

test('pods of Jobs, and those that are on their way out, need not be ready', () => {
  const owner = { ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'x', uid: 'x' }] }
  const fine = [
    pod('a', true),
    pod('b', false, owner, 'Failed'),
    pod('c', false, {}, 'Succeeded'),
    pod('d', false, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
  ]
  assert.equal(pods(fine), '1, all ready; 1 restart of containers so far')
  assert.throws(() => pods([...fine, pod('e', false)]), /saw e Running \(no answer\)/)
  assert.throws(() => pods([]), /saw no pods/)
})

test('a hypervisor that is away, and an agent that is not heard of, are named', () => {
  assert.equal(hypervisors([hypervisor({ state: 'Up' })]), 'node-1 Up')
  assert.equal(hypervisors([hypervisor({ state: 'Disabled' })]), 'node-1 Disabled')
  assert.throws(() => hypervisors([hypervisor({ state: 'Silent', message: 'nothing heard' })]), /saw node-1 Silent: nothing heard/)
  assert.throws(() => hypervisors([hypervisor({ state: 'Up', agents: [{ name: 'nova-compute', alive: false }] })]), /saw nova-compute on node-1/)
})

test('a check that fails is told with what was expected and seen, and counted', async () => {
  const results = await Promise.all([checked('fine', () => 'seen'), checked('bad', () => Promise.reject(new Error('expected a, saw b')))])
  assert.deepEqual(
    results.map(({ ok, message }) => [ok, message]),
    [
      [true, 'seen'],
      [false, 'expected a, saw b'],
    ],
  )
  assert.match(report(results), /✔ fine .* seen\n.*✘ bad .* expected a, saw b\n1 of 2 checks failed\.$/)
  const { signal } = { signal: AbortSignal.abort(new Error('enough')) }
  await assert.rejects(
    checked('ended', () => Promise.reject(new Error('x')), signal),
    /enough/,
  )
})
