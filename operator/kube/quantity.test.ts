import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nanosOf, sameQuantity } from './quantity.ts'

test('the same amount written in different ways is the same', () => {
  const same = [
    ['1', '1000m'],
    ['0.5', '500m'],
    [0.5, '500m'],
    ['1Gi', '1024Mi'],
    ['1.5Gi', '1536Mi'],
    ['1e3', '1k'],
    ['1E', '1000P'],
    ['1E3', '1000'],
    ['5e-3', '5m'],
    ['.5', '0.500'],
    ['0', '0Mi'],
    ['-1', '-1000m'],
  ] as const
  for (const [one, other] of same) assert.ok(sameQuantity(one, other), `${one} = ${other}`)
})

test('different amounts differ, however near', () => {
  for (const [one, other] of [
    ['1G', '1Gi'],
    ['1', '1001m'],
    ['9007199254740993', '9007199254740992'],
    ['1m', '1M'],
    ['1', '-1'],
  ])
    assert.ok(!sameQuantity(one, other), `${one} ≠ ${other}`)
})

test('what is no quantity equals only itself', () => {
  for (const text of ['', 'x', '1Kb', '1.2.3', '.', '1ee3', undefined]) assert.equal(nanosOf(text), undefined)
  assert.ok(sameQuantity('x', 'x'))
  assert.ok(!sameQuantity('x', '0'))
})
