import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { test } from 'node:test'
import { sideBySide } from './side-by-side.ts'

void test('results come in the order of the tasks', async () => {
  assert.deepEqual(await sideBySide(undefined, [() => delay(5, 'a'), () => delay(1, 'b')]), ['a', 'b'])
})

void test('the first error ends the others, and is thrown after they have ended', async () => {
  let ended = false
  const slow = async (signal: AbortSignal) => {
    try {
      await delay(60_000, undefined, { signal })
    } finally {
      await delay(5)
      ended = true
    }
  }
  await assert.rejects(
    sideBySide(undefined, [
      slow,
      async () => {
        throw new Error('no space left')
      },
    ]),
    /no space left/,
  )
  assert.ok(ended)
})

void test('an abort from outside throws its own reason', async () => {
  const outside = new AbortController()
  const running = sideBySide(outside.signal, [(signal) => delay(60_000, undefined, { signal })])
  outside.abort(new Error('interrupted'))
  await assert.rejects(running, /^Error: interrupted$/)
})
