import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { annotations } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import { Follower } from './follower.ts'

function pod(name: string, options: { readonly phase?: string; readonly tells?: boolean } = {}): KubeObject {
  const { phase = 'Running', tells = true } = options
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'openstack', uid: name, annotations: tells ? { [annotations.tellsProgress]: '' } : {} },
    status: { phase },
  }
}

/** A follower whose pods say what the test says. */
function testFollower() {
  let now = 0
  const wakes: number[] = []
  const logs = new Map<string, { say: (line: string) => Promise<void>; end: () => Promise<void>; ended: boolean }>()
  async function* log(_namespace: string, name: string, signal: AbortSignal): AsyncGenerator<string> {
    let next = Promise.withResolvers<string | undefined>()
    const say = async (line: string | undefined) => {
      next.resolve(line)
      await turn()
    }
    const entry = { say, end: () => say(undefined), ended: false }
    logs.set(name, entry)
    signal.addEventListener('abort', () => next.resolve(undefined))
    for (;;) {
      const line = await next.promise
      if (line === undefined) break
      next = Promise.withResolvers()
      yield line
    }
    entry.ended = true
  }
  const follower = new Follower({ client: { log }, wake: (delay) => wakes.push(delay), now: () => now })
  const say = (name: string, line: string) => logs.get(name)?.say(line)
  return { follower, wakes, logs, say, pass: (ms: number) => (now += ms) }
}

test('only pods that run and tell of their progress are listened to', async () => {
  const { follower, logs, say } = testFollower()
  follower.keep([pod('a'), pod('b', { phase: 'Pending' }), pod('c', { tells: false })])
  await turn()
  assert.deepEqual([...logs.keys()], ['a'])
  await say('a', '1 of 3 MiB')
  assert.deepEqual([follower.said(pod('a')), follower.said(pod('b'))], ['1 of 3 MiB', undefined])
})

test('a pod that is gone is listened to no more, and one whose log broke off is again', async () => {
  const { follower, logs } = testFollower()
  follower.keep([pod('a'), pod('b')])
  await turn()
  follower.keep([pod('b')])
  await turn()
  assert.deepEqual([logs.get('a')?.ended, logs.get('b')?.ended], [true, false])
  const first = logs.get('b')
  await first?.end()
  follower.keep([pod('b')])
  await turn()
  assert.notEqual(logs.get('b'), first)
})

test('however much pods say, the cluster is looked at every five seconds at most, and never for nothing', async () => {
  const { follower, wakes, say, pass } = testFollower()
  follower.keep([pod('a'), pod('b')])
  await turn()
  await say('a', '1')
  await say('a', '1')
  await say('b', '1')
  await say('a', '2')
  assert.deepEqual(wakes, [0, 5000])
  pass(5000)
  await say('a', '2')
  assert.deepEqual(wakes, [0, 5000])
  await say('a', '3')
  assert.deepEqual(wakes, [0, 5000, 5000])
})
