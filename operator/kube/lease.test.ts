import assert from 'node:assert/strict'
import { test } from 'node:test'
import { microTime } from './lease.ts'

test('a time has six fractional digits', () => {
  assert.equal(microTime(Date.UTC(2030, 1, 3, 4, 5, 6, 7)), '2030-02-03T04:05:06.007000Z')
})
