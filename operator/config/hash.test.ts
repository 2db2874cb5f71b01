import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hashOf } from './hash.ts'

test('the order of keys and absent values do not matter, everything else does', () => {
  assert.equal(hashOf({ a: 1, b: { c: 2, d: undefined } }), hashOf({ b: { c: 2 }, a: 1 }))
  assert.notEqual(hashOf(['a', 'b']), hashOf(['b', 'a']))
  assert.equal(hashOf('x').length, 10)
})
