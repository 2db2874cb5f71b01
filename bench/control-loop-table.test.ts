import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controlLoopTable } from './control-loop-table.ts'

const rest = { minutes: 10, workingSetMiB: 80, residentMiB: 60, cpuPercentOfACore: 0.5 }

test('each figure stands beside what it is to be', () => {
  const table = controlLoopTable({ changes: { change: [100, 200, 301] }, rest, writes: { 'update leases': 300, 'patch secrets': 1 } })
  assert.deepEqual(
    table.split('\n').map((line) => /: (met|NOT MET)\)$/.exec(line)?.[1]),
    ['NOT MET', 'met', 'met', 'NOT MET'],
  )
  assert.match(table, /besides 300 renewals of the Lease: 1 patch secrets/)
})

test('only renewals of the Lease are no writes, and no audit log is no proof', () => {
  assert.match(controlLoopTable({ changes: {}, rest, writes: { 'update leases': 300 } }), /Lease: none \(none: met\)/)
  assert.match(controlLoopTable({ changes: {}, rest }), /not known/)
})
