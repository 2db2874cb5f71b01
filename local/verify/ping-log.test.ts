import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pingResult } from './ping-log.ts'

/** What ping prints when so many were sent and these were answered. */
function output(sent: number, answered: readonly number[]): string {
  const lines = answered.map((number) => `64 bytes from 10.0.0.7: icmp_seq=${number} ttl=63 time=1.20 ms`)
  return [
    'PING 10.0.0.7 (10.0.0.7) 56(84) bytes of data.',
    ...lines,
    '',
    '--- 10.0.0.7 ping statistics ---',
    `${sent} packets transmitted, ${answered.length} received`,
  ].join('\n')
}

const cases: readonly [string, number, readonly number[], ReturnType<typeof pingResult>][] = [
  ['all answered', 4, [1, 2, 3, 4], { sent: 4, lost: 0, missing: [] }],
  ['one lost in between', 4, [1, 2, 4], { sent: 4, lost: 1, missing: [3] }],
  ['out of order and twice', 3, [2, 1, 2, 3], { sent: 3, lost: 0, missing: [] }],
  ['the last one under way', 5, [1, 2, 3, 4], { sent: 4, lost: 0, missing: [] }],
  ['nothing at the end', 9, [1, 2], { sent: 9, lost: 7, missing: [3, 4, 5, 6, 7, 8, 9] }],
  ['nothing at all', 5, [], { sent: 5, lost: 5, missing: [1, 2, 3, 4, 5] }],
]

for (const [name, sent, answered, expected] of cases) {
  test(`pings: ${name}`, () => assert.deepEqual(pingResult(output(sent, answered)), expected))
}

test('pings: no statistics', () => assert.throws(() => pingResult('ping: unknown host'), /ping said nothing of its packets: ping: unknown host/))
