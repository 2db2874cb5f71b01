import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Report } from './client.ts'
import { clockOf, clockProblem } from './clock.ts'
import type { Clock, TimeWant } from './clock.ts'
import { Clocks } from './clocks.ts'

const want: TimeWant = {
  chronyds: [
    { node: 'a', address: '10.1.0.1' },
    { node: 'b', address: '10.1.0.2' },
  ],
  servers: ['ntp1', 'ntp2'],
  mode: 'Monitor',
  maxOffsetMilliseconds: 500,
}
const signal = new AbortController().signal
const good = { selected: true, reachability: 0o377, offset: 0, error: 0.001 }
const silent = { selected: false, reachability: 0, offset: 0, error: 0 }
const report = (...sources: Report['sources']): Report => ({ tracking: { correction: 0 }, sources })

describe('what chronyd says of a clock', () => {
  test('the offset is what the last measurement found, not what chronyd has made of the clock so far', () => {
    // Seen of chronyd 4.3 with -x, 20 s after its server's clock jumped by 2 s ahead.
    const jumped = { tracking: { correction: 3.471045256 }, sources: [{ ...good, offset: 1.472 }] }
    assert.equal(clockOf('a', jumped).offset?.toFixed(3), '-1.999')
  })

  test('a server that has answered none of the last four questions gives no time, although chronyd still follows it', () => {
    assert.equal(clockOf('a', report({ ...good, reachability: 0o360 })).state, 'NoAnswer')
    assert.equal(clockOf('a', report({ ...good, reachability: 0o370 })).state, 'Synchronized')
  })

  test('servers that answer, and none is followed', () => {
    const liar = { ...good, selected: false }
    assert.equal(clockOf('a', report(liar, liar)).state, 'NoAgreement')
    assert.equal(clockOf('a', report(silent, silent)).state, 'NoAnswer')
    assert.equal(clockOf('a', report()).state, 'NoAnswer')
    assert.equal(clockOf('a', undefined).state, 'Unreachable')
  })
})

describe('what a person must mend', () => {
  const clock = (node: string, offset: number, error = 0.001): Clock => ({ node, state: 'Synchronized', offset, error })

  test('nothing while clocks are within the limit', () => {
    assert.equal(clockProblem(want, [clock('a', 0.499), clock('b', -0.5)]), undefined)
  })

  test('a clock beyond the limit: node, offset, limit and remedy', () => {
    assert.deepEqual(clockProblem(want, [clock('a', -1.9994), clock('b', 0.612)]), {
      reason: 'ClockOffset',
      message:
        'a clock is off timeSync.servers by more than the 500 ms of timeSync.maxOffsetMilliseconds: that of a is 2.0 s behind, that of b is 610 ms ahead; mend what keeps the time on the node, or let chrony do it with timeSync.mode Synchronize',
    })
    assert.match(clockProblem({ ...want, mode: 'Synchronize' }, [clock('a', 7200)])?.message ?? '', /a is 7200 s ahead; chrony slews it/)
  })

  test('not one that may be right: the answer took too long to tell', () => {
    assert.equal(clockProblem(want, [clock('a', 0.9, 0.5)]), undefined)
  })

  test('each reason is told, the wrong clock first', () => {
    const found = clockProblem(want, [
      { node: 'a', state: 'NoAnswer' },
      { node: 'b', state: 'NoAgreement' },
      { node: 'c', state: 'Unreachable' },
      clock('d', 3),
    ])
    assert.equal(found?.reason, 'ClockOffset')
    assert.match(found.message, /no server of timeSync\.servers \(ntp1, ntp2\) gives the time to a: /)
    assert.match(found.message, /answer b and contradict each other/)
    assert.match(found.message, /chronyd of c does not answer the operator/)
  })
})

test('a chronyd that has just started has half a minute to find its servers, and so has the next one on the node', async () => {
  let now = 0
  const answers = new Map<string, Report | undefined>([
    ['10.1.0.1', report(good, silent)],
    ['10.1.0.2', report(silent, silent)],
    ['10.1.0.3', undefined],
  ])
  const clocks = new Clocks({ ask: async ({ host }) => answers.get(host), now: () => now })
  const first = await clocks.check(want, signal)
  assert.deepEqual([first.message, first.problem], ['waits for the first time of timeSync.servers on b', undefined])
  assert.deepEqual(
    first.clocks.map(({ state }) => state),
    ['Synchronized', 'NoAnswer'],
  )
  now = 30_000
  const late = await clocks.check(want, signal)
  assert.deepEqual([late.message, late.problem?.reason], ['', 'NoTimeSource'])
  const replaced = { ...want, chronyds: [{ node: 'b', address: '10.1.0.3' }] }
  assert.equal((await clocks.check(replaced, signal)).problem, undefined)
  now = 60_000
  assert.equal((await clocks.check(replaced, signal)).problem?.reason, 'ChronyUnreachable')
  answers.set('10.1.0.3', report(good))
  assert.deepEqual((await clocks.check(replaced, signal)).problem, undefined)
})
