import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { missingCredentials } from './credentials.ts'

test('makes what is missing and never touches what is there', () => {
  const made = missingCredentials({ a: 'password', b: 'password' }, { a: 'old' }, randomBytes, 0)
  assert.deepEqual(Object.keys(made), ['b'])
  assert.match(made['b'] ?? '', /^[0-9a-f]{48}$/)
})
