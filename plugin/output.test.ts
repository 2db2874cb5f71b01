import assert from 'node:assert/strict'
import { test } from 'node:test'
import { duration, fitted, painter, table } from './output.ts'

test('spans of time are told in the unit that a person would take', () => {
  const spans = [0, 340, 12_000, 119_000, 180_000, 185_000, 900_000, 7_200_000, 432_000_000]
  assert.deepEqual(spans.map(duration), ['0ms', '340ms', '12s', '119s', '3m', '3m5s', '15m', '2h', '5d'])
})

test('colours have no width in a table, and cutting leaves them whole', () => {
  const paint = painter({ colour: true })
  assert.deepEqual(
    table([
      [paint('red', 'a'), 'b'],
      ['ccc', 'd'],
    ]),
    [`${paint('red', 'a')}    b`, 'ccc  d'],
  )
  assert.deepEqual(fitted([paint('red', 'abcdef')], { columns: 4, rows: 10 }), [`${paint('red', 'abc')}…`])
  assert.equal(painter({ colour: false })('red', 'a'), 'a')
})

test('a picture is no higher than the terminal, and says how much is missing', () => {
  assert.deepEqual(fitted(['a', 'b', 'c', 'd'], { columns: 40, rows: 4 }), ['a', 'b', '… and 2 more lines'])
  assert.deepEqual(fitted(['a', 'b', 'c'], { columns: 40, rows: 4 }), ['a', 'b', 'c'])
})
