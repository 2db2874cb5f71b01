import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from './clock.ts'

test('a sleep ends with its time, or with the reason of its signal', async () => {
  await systemClock.sleep(1)
  const controller = new AbortController()
  const sleeping = systemClock.sleep(3_600_000, controller.signal)
  controller.abort(new Error('stopped'))
  await assert.rejects(sleeping, /^Error: stopped$/)
  await assert.rejects(systemClock.sleep(1, controller.signal), /^Error: stopped$/)
})

test('a timer runs once, or not at all', async () => {
  const ran: string[] = []
  const cancel = systemClock.after(1, () => ran.push('cancelled'))
  cancel()
  await new Promise<void>((resolve) => {
    systemClock.after(2, () => {
      ran.push('kept')
      resolve()
    })
    // What `after` starts keeps no process alive, so here something else has to.
    setTimeout(() => undefined, 100)
  })
  assert.deepEqual(ran, ['kept'])
})
