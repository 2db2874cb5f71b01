import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, percentiles } from './times.ts'

test('each row is compared with the last one by its median, which one slow answer does not move', () => {
  const lines = compare({ page: [30, 20, 900], bare: [10, 5, 20] }).split('\n')
  assert.deepEqual(lines, ['page  min 20.0 ms  median 30.0 ms  max 900.0 ms  ×3.00', 'bare  min 5.0 ms  median 10.0 ms  max 20.0 ms  ×1.00'])
})

test('a row without a time is no row', () => {
  assert.throws(() => compare({ page: [] }), /page: no time was taken/)
})

test('percentiles are times that were taken', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  assert.deepEqual(percentiles(hundred), { p50: 50, p95: 95, max: 100 })
  assert.deepEqual(percentiles([7]), { p50: 7, p95: 7, max: 7 })
  assert.throws(() => percentiles([]), /no time was taken/)
})
