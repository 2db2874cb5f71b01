import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quotas } from './quotas.ts'

test("the overview's circles, with and without a limit", () => {
  const text =
    'Overview\nLimit Summary\nCompute\nInstances\n\nUsed 1 of 10\n\nRAM\nUsed 128MB of 50GB\nVolume\nNetwork\nFloating IPs\nAllocated 1 of (No Limit)\n'
  assert.deepEqual(quotas(text), [
    { name: 'Instances', used: '1', limit: '10' },
    { name: 'RAM', used: '128MB', limit: '50GB' },
    { name: 'Floating IPs', used: '1', limit: '(No Limit)' },
  ])
  assert.deepEqual(quotas('Overview\nnothing yet'), [])
})
