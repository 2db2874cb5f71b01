import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askSource, askTracking, readAnswer } from './protocol.ts'

// What chronyd 4.3 answered while chronyc said of the same moment: tracking 1.999235272 s slow, and of its two servers
// `*,…,reach 77,…,0.000023601,0.000187560,0.001464986` and `?,…,reach 0`.
const tracking = `06020000002100050000000000000000000000010000000000000000ac110001ac1100010000000000000000000000000001000000020000000000006b
06381836c04a8804ffe6f8eaabee4fe8eeb9db0697d755fcce405d0ea8a888f08000acf0962fb80a81076d`
const selected = `06020000000f00030000000000000000000000020000000000000000ac1100010000000000000000000000000001000000030001000000000000003f
00000002eac4abc1e4c5fba2f0c004c4`
const silent = `06020000000f000300000000000000000000000300000000000000000affff0100000000000000000000000000010000000400000001000000000000ff
ffffff000000000000000000000000`
const noSuchSource = '06020000000f00010004000000000000000000040000000000000000'

const read = (hex: string) => readAnswer(Buffer.from(hex.replaceAll('\n', ''), 'hex'))
const near = (actual: number | undefined, expected: number) => assert.ok(Math.abs((actual ?? NaN) - expected) < 1e-6, `expected ${expected}, got ${actual}`)

test('a question is as long as its answer, or chronyd would give none', () => {
  const packet = askTracking(0x01020304)
  assert.equal(packet.length, 104)
  assert.equal(packet.subarray(0, 20).toString('hex'), '0601000000210000010203040000000000000000')
  assert.equal(askSource(7, 3).length, 76)
  assert.equal(askSource(7, 3).subarray(0, 24).toString('hex'), '06010000000f000000000007000000000000000000000003')
})

test('tracking has the correction of the clock', () => {
  const answer = read(tracking)
  assert.equal(answer?.sequence, 1)
  near(answer?.tracking?.correction, 1.999235272)
})

test('a source has its reachability, its offset and the error of it', () => {
  const answer = read(selected)
  assert.deepEqual([answer?.sequence, answer?.source?.selected, answer?.source?.reachability], [2, true, 0o77])
  near(answer?.source?.offset, 0.000023601)
  near(answer?.source?.error, 0.001464986)
  assert.deepEqual(read(silent)?.source, { selected: false, reachability: 0, offset: 0, error: 0 })
})

test('numbers below zero', () => {
  const packet = Buffer.from(tracking.replaceAll('\n', ''), 'hex')
  // -1 × 2^(0 + 1) / 2: exponent 1, coefficient -2^24.
  packet.writeUInt32BE((1 << 25) | (1 << 24), 68)
  assert.equal(readAnswer(packet)?.tracking?.correction, -1)
})

test('chronyd may have no answer', () => {
  assert.deepEqual(read(noSuchSource), { sequence: 4 })
})

test('what is no answer is not taken for one', () => {
  assert.equal(read(''), undefined)
  assert.equal(read(tracking.slice(0, 120)), undefined, 'cut off')
  assert.equal(read(`05${tracking.slice(2)}`), undefined, 'another version')
  assert.equal(readAnswer(askTracking(1)), undefined, 'a question')
})
