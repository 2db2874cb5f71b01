import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writesIn } from './audit.ts'

const operator = 'system:serviceaccount:teruwa-system:teruwa'
const at = Date.parse('2030-01-01T00:00:00Z')
const event = (verb: string, objectRef: object, seconds = 1, username = operator) =>
  JSON.stringify({ kind: 'Event', verb, user: { username }, objectRef, requestReceivedTimestamp: new Date(at + seconds * 1000).toISOString() })

test('writes of one user in a time are counted, whatever else is in the log', () => {
  const lines = [
    'I0101 00:00:00.000000 1 httplog.go:132] "HTTP"',
    event('update', { resource: 'leases' }),
    event('patch', { resource: 'openstackclusters', subresource: 'status' }),
    event('update', { resource: 'leases' }, 3),
    event('get', { resource: 'leases' }),
    event('update', { resource: 'leases' }, 61),
    event('delete', { resource: 'pods' }, 1, 'system:node:a'),
  ]
  assert.deepEqual(writesIn(lines.join('\n'), operator, at, at + 60_000), { 'update leases': 2, 'patch openstackclusters/status': 1 })
})

test('without an audit log nothing is known, and not that nothing was written', () => {
  assert.equal(writesIn('I0101 started\n', operator, at, at + 60_000), undefined)
})
