import assert from 'node:assert/strict'
import { test } from 'node:test'
import { queueLoad } from './rabbitmq-load.ts'

test('what waits is added up; a queue that expires by itself is counted, and what is in it is not', () => {
  assert.deepEqual(
    queueLoad([
      { arguments: {}, messages_ready: 3, messages_unacknowledged: 1 },
      { arguments: { 'x-queue-type': 'classic' }, messages_ready: 5 },
      { arguments: { 'x-expires': 1_800_000 }, messages_ready: 900, messages_unacknowledged: 9 },
      {},
    ]),
    { queues: 4, ready: 8, unacknowledged: 1, longest: 5 },
  )
})

test('a virtual host without queues has nothing waiting', () => {
  assert.deepEqual(queueLoad([]), { queues: 0, ready: 0, unacknowledged: 0, longest: 0 })
})
