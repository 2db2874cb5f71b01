import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf } from '../../cluster/test-world.ts'
import { conversionOf, conversionOptions, storesRaw } from './conversion.ts'

test('a store of files takes images as they are', () => {
  const { spec } = clusterOf()
  assert.equal(storesRaw(spec), false)
  assert.equal(conversionOf(spec, { diskFormat: 'qcow2' }), undefined)
  assert.deepEqual(conversionOptions(spec), {})
})
