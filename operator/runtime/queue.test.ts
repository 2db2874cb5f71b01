import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeClock } from '../kube/test-clock.ts'
import { WorkQueue } from './queue.ts'

const never = new AbortController().signal

function start() {
  const clock = new FakeClock()
  const told: string[] = []
  const queue = new WorkQueue({
    clock,
    random: () => 0.5,
    hooks: {
      added: () => told.push('added'),
      depth: (depth) => told.push(`depth ${depth}`),
      waited: (seconds) => told.push(`waited ${seconds}`),
      worked: (seconds) => told.push(`worked ${seconds}`),
      retried: () => told.push('retried'),
    },
  })
  return { clock, queue, told }
}

/** What a promise has come to, without waiting for it. */
async function settled<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return await Promise.race([promise, new Promise<'pending'>((resolve) => setImmediate(resolve, 'pending'))])
}

test('keys come in order, each once', async () => {
  const { queue } = start()
  for (const key of ['a', 'b', 'a']) queue.add(key)
  assert.deepEqual([await queue.next(never), await queue.next(never), await settled(queue.next(never))], ['a', 'b', 'pending'])
})

test('a key is never with two workers, and what is added meanwhile runs again, once', async () => {
  const { queue } = start()
  queue.add('a')
  await queue.next(never)
  queue.add('a')
  queue.add('a')
  const second = queue.next(never)
  assert.equal(await settled(second), 'pending')
  queue.done('a')
  assert.equal(await settled(second), 'a')
  queue.done('a')
  assert.equal(await settled(queue.next(never)), 'pending')
})

test('each worker that waits gets one key', async () => {
  const { queue } = start()
  const workers = [queue.next(never), queue.next(never)]
  queue.add('a')
  queue.add('b')
  assert.deepEqual((await Promise.all(workers.map(settled))).toSorted(), ['a', 'b'])
})

test('of several delays the earliest counts, and the key comes once', async () => {
  const { clock, queue } = start()
  queue.addAfter('a', 1000)
  queue.addAfter('a', 500)
  queue.addAfter('a', 2000)
  const next = queue.next(never)
  await clock.advance(499)
  assert.equal(await settled(next), 'pending')
  await clock.advance(1)
  assert.equal(await settled(next), 'a')
  queue.done('a')
  await clock.advance(5000)
  assert.equal(queue.depth, 0)
})

test('no delay is at once', () => {
  const { queue } = start()
  queue.addAfter('a', 0)
  assert.equal(queue.depth, 1)
})

test('retries come later and later up to a minute, each key by itself, until it is forgotten', async () => {
  const { clock, queue } = start()
  const delays: (number | undefined)[] = []
  const retry = async (): Promise<void> => {
    queue.addRateLimited('a')
    delays.push(clock.pending[0])
    await clock.advance(60_000)
    queue.done(await queue.next(never))
  }
  for (let failure = 0; failure < 16; failure++) await retry()
  assert.deepEqual(delays, [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 5120, 10_240, 20_480, 40_960, 60_000, 60_000])
  assert.deepEqual([queue.failures('a'), queue.failures('b')], [16, 0])
  queue.forget('a')
  await retry()
  assert.equal(delays.at(-1), 5)
})

test('a worker that is called off leaves, and its key is for another', async () => {
  const { queue } = start()
  const controller = new AbortController()
  const leaving = queue.next(controller.signal)
  const staying = queue.next(never)
  queue.add('a')
  controller.abort(new Error('stopped'))
  await assert.rejects(leaving, /^Error: stopped$/)
  assert.equal(await settled(staying), 'a')
  await assert.rejects(queue.next(controller.signal), /^Error: stopped$/)
})

test('the hooks are told what a dashboard shows', async () => {
  const { clock, queue, told } = start()
  queue.add('a')
  queue.add('a')
  await clock.advance(250)
  await queue.next(never)
  await clock.advance(500)
  queue.done('a')
  queue.addRateLimited('a')
  assert.deepEqual(told, ['added', 'depth 1', 'depth 0', 'waited 0.25', 'worked 0.5', 'retried'])
})
