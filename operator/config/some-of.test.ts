import assert from 'node:assert/strict'
import { test } from 'node:test'
import { someOf } from './some-of.ts'

test('a few are named, of many the first few and how many more', () => {
  assert.equal(someOf([]), '')
  assert.equal(someOf(['a', 'b', 'c', 'd', 'e']), 'a, b, c, d, e')
  assert.equal(someOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'], '; '), 'a; b; c; d; e; and 2 more')
})
