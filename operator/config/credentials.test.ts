import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { fernetFiles, missingCredentials } from './credentials.ts'

test('makes what is missing and never touches what is there', () => {
  const made = missingCredentials({ a: 'password', b: 'password' }, { a: 'old' }, randomBytes)
  assert.deepEqual(Object.keys(made), ['b'])
  assert.match(made['b'] ?? '', /^[0-9a-f]{48}$/)
})

test('a fernet key is 32 bytes in url-safe base64, as keystone wants it', () => {
  const made = missingCredentials({ keys: 'fernet-repository' }, {}, () => Buffer.alloc(32, 0xfb))
  const files = fernetFiles(made['keys'] ?? '')
  assert.deepEqual(Object.keys(files), ['0', '1'])
  assert.equal(Buffer.from(files['0'] ?? '', 'base64url').length, 32)
  assert.match(files['0'] ?? '', /^[\w-]{43}=$/)
})

test('a repository that somebody spoiled is named', () => {
  assert.throws(() => fernetFiles('{"../x": "k"}'), /"\.\.\/x"/)
})
