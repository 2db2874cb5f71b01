import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bundleOperator } from './bundle.ts'

test('what only the CRD is made with is not in the operator', () => {
  const bundle = Buffer.from(bundleOperator()).toString()
  assert.match(bundle, /operator\/services\/placement\/api\.ts/, 'the bundle names the files that it is made of')
  assert.doesNotMatch(bundle, /node_modules\/zod\//)
})
