import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fernetFiles, fernetKeysToKeep, newFernetRepository, rotateFernetRepository } from './fernet.ts'

/** Keys that tell themselves apart. */
function counter(): (size: number) => Buffer {
  let count = 0
  return (size) => Buffer.alloc(size, ++count)
}

test('a key is 32 bytes in url-safe base64, as cryptography.fernet wants it', () => {
  const files = fernetFiles(newFernetRepository(() => Buffer.alloc(32, 0xfb)))
  assert.deepEqual(Object.keys(files), ['0', '1'])
  assert.equal(Buffer.from(files['0'] ?? '', 'base64url').length, 32)
  assert.match(files['0'] ?? '', /^[\w-]{43}=$/)
})

test('a repository that somebody spoiled is named', () => {
  assert.throws(() => fernetFiles('{"../x": "k"}'), /"\.\.\/x"/)
  assert.throws(() => rotateFernetRepository('{"1": "k"}', 3, counter()), /staged key, file 0/)
})

test('a rotation makes tokens with a key that every process has already, and keeps the keys of tokens that are still valid', () => {
  const random = counter()
  let repository = newFernetRepository(random)
  for (let round = 1; round <= 6; round++) {
    const before = fernetFiles(repository)
    repository = rotateFernetRepository(repository, 4, random)
    const after = fernetFiles(repository)
    const primary = String(Math.max(...Object.keys(after).map(Number)))
    assert.equal(after[primary], before['0'], 'the staged key is the primary one now')
    assert.equal(Object.values(before).includes(after['0'] ?? ''), false, 'the staged key is new')
    const oldPrimary = String(Math.max(...Object.keys(before).map(Number)))
    assert.equal(after[oldPrimary], before[oldPrimary], 'tokens of the last period can be opened')
    assert.equal(Object.keys(after).length, Math.min(2 + round, 4))
  }
  assert.deepEqual(Object.keys(fernetFiles(repository)), ['0', '5', '6', '7'])
})

test("the number of keys is Keystone's formula: with its defaults and two rotations a day, seven", () => {
  assert.equal(fernetKeysToKeep({ expiration: 60, window: 2880, rotation: 720 }), 7)
  assert.equal(fernetKeysToKeep({ expiration: 60, window: 2880, rotation: 10080 }), 3)
})
