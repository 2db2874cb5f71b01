import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HypervisorState, HypervisorStatus } from '../api/v1alpha1/index.ts'
import { hypervisorEvents } from './hypervisor-events.ts'

const at = (state: HypervisorState, more: Partial<HypervisorStatus> = {}): HypervisorStatus => ({ state, joinedAt: 'noon', ...more })
const first = { state: 'Starting' } as const

test('who comes, goes, falls silent and is back is told', () => {
  const reasons = (before: HypervisorStatus | undefined, after: HypervisorStatus | undefined) =>
    hypervisorEvents([{ node: 'a', ...(before ? { before } : {}), ...(after ? { after } : {}) }]).map(
      ({ type, reason, message }) => `${type} ${reason} ${message}`,
    )
  assert.deepEqual(reasons(undefined, first), [])
  assert.deepEqual(reasons(first, at('Up')), ['Normal HypervisorJoined runs guests from now on: a'])
  assert.deepEqual(reasons(at('Up'), at('Up', { servers: 3 })), [])
  assert.deepEqual(reasons(at('Up'), at('Silent', { message: 'gone' })), ['Warning HypervisorSilent takes no part: a (gone)'])
  assert.deepEqual(reasons(at('Silent'), at('Down')), ['Warning HypervisorDown Nova does not hear of it: a'])
  assert.deepEqual(reasons(at('Down'), at('Up')), ['Normal HypervisorBack has taken its place again: a'])
  assert.deepEqual(reasons(at('Up'), at('Disabled', { message: 'no new guests: disks' })), [
    'Normal HypervisorDisabled gets no new guests: a (no new guests: disks)',
  ])
  assert.deepEqual(reasons(at('Disabled'), at('Up')), ['Normal HypervisorEnabled gets new guests again: a'])
  assert.deepEqual(reasons(at('Up', { servers: 0 }), undefined), ['Normal HypervisorLeft is no hypervisor of the cloud any more: a'])
  assert.match(reasons(at('Up', { servers: 2 }), undefined)[0] ?? '', /^Warning HypervisorLeftWithGuests .*: a \(2 on it\)$/)
})

test('a thousand at once are one event', () => {
  const changes = Array.from({ length: 1000 }, (_, index) => ({ node: `node-${String(index).padStart(4, '0')}`, before: at('Up'), after: at('Silent') }))
  assert.deepEqual(
    hypervisorEvents(changes).map(({ message }) => message),
    ['takes no part: node-0000, node-0001, node-0002, node-0003, node-0004, and 995 more'],
  )
})
