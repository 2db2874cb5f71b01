import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../kube/types.ts'
import { podProblem, verdictOf } from './readiness.ts'

const object = (kind: string, spec: object, status: object): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'nova-api', generation: 2 },
  spec,
  status,
})
const pod = (status: object): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'nova-api-x' }, spec: { nodeName: 'node-1' }, status })
const done = { observedGeneration: 2, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }

test('a Deployment is ready when the new pods are there and the old ones gone', () => {
  const verdict = (status: object) => verdictOf(object('Deployment', { replicas: 1 }, status), [])
  assert.deepEqual(verdict(done), { ready: true })
  assert.equal(verdict({ ...done, observedGeneration: 1 }).ready, false)
  assert.equal(verdict({ ...done, availableReplicas: 0 }).ready, false)
  assert.deepEqual(verdict({ ...done, replicas: 2 }), { ready: false, message: 'Deployment nova-api ends its old pods' })
})

test('a DaemonSet is ready on as many nodes as want it, none included', () => {
  const verdict = (status: object) => verdictOf(object('DaemonSet', {}, { observedGeneration: 2, ...status }), [])
  assert.deepEqual(verdict({ desiredNumberScheduled: 0 }), { ready: true })
  assert.deepEqual(verdict({ desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 }), {
    ready: false,
    message: 'DaemonSet nova-api is ready on 1 of 2 nodes',
  })
})

test('pods of a DaemonSet on silent nodes are not waited for, whatever they say of themselves', () => {
  const on = (nodeName: string, status: object): KubeObject => ({ ...pod(status), spec: { nodeName } })
  const crash = { containerStatuses: [{ name: 'nova-api', state: { terminated: { exitCode: 1, message: 'no' } } }] }
  const verdict = (numberAvailable: number) => {
    const live = object('DaemonSet', {}, { observedGeneration: 2, desiredNumberScheduled: 2, updatedNumberScheduled: 1, numberAvailable })
    return verdictOf(live, [on('node-1', {}), on('node-2', crash)], new Set(['node-2']))
  }
  assert.deepEqual(verdict(1), { ready: true })
  assert.deepEqual(verdict(0), { ready: false, message: 'DaemonSet nova-api is ready on 0 of 1 nodes' })
})

test("a failed Job says its container's last words, without colours and the log's prefix", () => {
  const message = 'Traceback\n2026-01-02 03:04:05.678 7 ERROR nova.cmd [req-1 - -] \u001B[31mAccess denied for user\u001B[00m\n\u001B[00m\n'
  const pods = [pod({ containerStatuses: [{ name: 'nova-schema', state: { terminated: { exitCode: 1, message } } }] })]
  const verdict = verdictOf(object('Job', {}, { conditions: [{ type: 'Failed', status: 'True' }] }), pods)
  assert.deepEqual(verdict, {
    ready: false,
    failed: true,
    message: 'Job nova-api failed: Access denied for user',
    problem: { reason: 'JobFailed', message: 'Job nova-api failed: Access denied for user' },
  })
})

test('what the kubelet and the scheduler know of a pod becomes a problem with pod, node and remedy', () => {
  assert.deepEqual(podProblem(pod({ containerStatuses: [{ name: 'nova-api', state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } }] })), {
    reason: 'ImagePullFailed',
    message: 'pod nova-api-x on node node-1, container nova-api: not found; push the image or set spec.images',
  })
  assert.equal(
    podProblem(pod({ conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }] }))?.reason,
    'Unschedulable',
  )
  const crash = {
    name: 'nova-api',
    restartCount: 2,
    state: { waiting: { reason: 'CrashLoopBackOff' } },
    lastState: { terminated: { exitCode: 3, message: 'no route' } },
  }
  assert.equal(podProblem(pod({ containerStatuses: [crash] }))?.message, 'pod nova-api-x on node node-1, container nova-api exits with 3: no route')
  assert.equal(podProblem(pod({ containerStatuses: [{ name: 'nova-api', state: { running: {} } }] })), undefined)
  const configuration = { name: 'nova-api', state: { running: {} }, lastState: { terminated: { exitCode: 78, message: 'trying\nthere is no pool x\n' } } }
  assert.deepEqual(podProblem(pod({ containerStatuses: [configuration] })), {
    reason: 'BadConfiguration',
    message: 'there is no pool x (pod nova-api-x on node node-1)',
  })
})
