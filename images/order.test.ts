import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { inOrder } from './order.ts'

const parents: Record<string, string> = { b: 'a', c: 'b', d: 'a' }
const parentOf = (name: string): string | undefined => parents[name]

test('parents end before their children start, and no more than the limit run', async () => {
  const log: string[] = []
  let running = 0
  let most = 0
  await inOrder(['a', 'b', 'c', 'd', 'e'], parentOf, 2, async (name) => {
    most = Math.max(most, ++running)
    log.push(`+${name}`)
    await setImmediate()
    log.push(`-${name}`)
    running--
  })
  for (const [child, parent] of Object.entries(parents)) assert.ok(log.indexOf(`-${parent}`) < log.indexOf(`+${child}`), `${child} after ${parent}`)
  assert.equal(most, 2)
  assert.equal(log.length, 10)
})

test('a parent that is not among the names is there already', async () => {
  const done: string[] = []
  await inOrder(['c'], parentOf, 1, async (name) => void done.push(name))
  assert.deepEqual(done, ['c'])
})

test('after a failure nothing new starts, and what runs is waited for', async () => {
  const ended: string[] = []
  const work = async (name: string): Promise<void> => {
    if (name === 'a') throw new Error('broken')
    await setImmediate()
    ended.push(name)
  }
  await assert.rejects(inOrder(['a', 'e', 'f', 'b'], parentOf, 2, work), /broken/)
  assert.deepEqual(ended, ['e'])
})

test('a circle is told instead of waited for', async () => {
  const other: Record<string, string> = { a: 'b', b: 'a' }
  await assert.rejects(
    inOrder(
      ['a', 'b'],
      (name) => other[name],
      2,
      async () => {},
    ),
    /each other's parents: a, b/,
  )
})
