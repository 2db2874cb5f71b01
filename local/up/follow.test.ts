import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Kubectl } from '../kubectl.ts'
import { followCloud, StepLog } from './follow.ts'
import type { ObservedCloud } from './follow.ts'

const condition = { status: 'True', reason: 'Lacking', message: 'a label', lastTransitionTime: '2026-01-01T00:00:00Z', observedGeneration: 1 } as const
const withCondition = (type: 'Ready' | 'Stalled') =>
  ({ metadata: { generation: 1 }, status: { operator: 'o:1', conditions: [{ ...condition, type }] } }) as unknown as ObservedCloud

/** Follows a cloud; `see` is what the watch says of it. */
function following() {
  let see: (cloud: ObservedCloud) => void = () => undefined
  const watchObject: Kubectl['watchObject'] = (_object, done, signal) =>
    new Promise((resolve, reject) => {
      see = (cloud) => done(cloud) && resolve()
      signal?.addEventListener('abort', () => reject(signal.reason))
    })
  const steps = { set: () => undefined } as unknown as Parameters<typeof followCloud>[2]['steps']
  const cloud = { name: 'teruwa', namespace: 'openstack', users: [], servers: [] }
  const progress = { steps, update: () => undefined, log: new StepLog() }
  const end = followCloud(cloud, { watchObject } as Kubectl, progress, { operator: 'o:1', timeoutMs: 60_000 })
  return { end, see: (type: 'Ready' | 'Stalled') => see(withCondition(type)) }
}

test('a cloud that was stalled is given the time for the operator to look again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { end, see } = following()
  see('Stalled')
  t.mock.timers.tick(11_999)
  see('Ready')
  t.mock.timers.tick(60_000)
  assert.equal((await end).status?.operator, 'o:1')
})

test('one that stays so is given up, with what the operator says', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { end, see } = following()
  see('Stalled')
  t.mock.timers.tick(12_000)
  await assert.rejects(end, /The operator has given up on teruwa: Lacking: a label/)
})
