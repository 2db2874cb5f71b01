import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeIni, renderIni } from './ini.ts'

test('renders sections, lists and booleans as oslo.config reads them', () => {
  const text = renderIni({ DEFAULT: { debug: false, list: ['a', 'b'], none: undefined }, empty: { gone: undefined }, api: { workers: 2 } })
  assert.equal(text, '[DEFAULT]\ndebug = false\nlist = a,b\n\n[api]\nworkers = 2\n')
})

test('a value cannot smuggle in an option of its own', () => {
  assert.throws(() => renderIni({ DEFAULT: { host: 'a\n[api]\nauth_strategy = noauth' } }), /value of host/)
  assert.throws(() => renderIni({ 'a]\nb': { c: 'd' } }), /section/)
})

test('the later file wins option by option', () => {
  assert.deepEqual(mergeIni({ a: { x: 1, y: 2 } }, undefined, { a: { y: 3 }, b: { z: 4 } }), { a: { x: 1, y: 3 }, b: { z: 4 } })
})
