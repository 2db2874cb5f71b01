import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsOf } from '../../operator/cluster/graph.ts'
import { clusterOf, EVERYTHING, TestWorld } from '../../operator/cluster/test-world.ts'
import { needsOf } from './needs.ts'
import { graphSteps, reduced } from './steps.ts'
import type { GraphStep } from './steps.ts'
import { graphSvg } from './svg.ts'
import { forest, treeLines } from './tree.ts'

const step = (id: string, state: GraphStep['state'], needs: string[] = [], more: Partial<GraphStep> = {}): GraphStep => ({ id, state, needs, ...more })
const tree = (steps: readonly GraphStep[]) =>
  treeLines(forest(steps), ({ step: { id }, also }) => [id, ...(also.length > 0 ? [`(${also.join()})`] : [])].join(' '))

test('the needs are those of the plan itself, without credentials or anything that is seen of the cluster', () => {
  for (const spec of [{}, EVERYTHING, { services: { neutron: { mode: 'Provider' } } }]) {
    const cluster = clusterOf(spec)
    assert.deepEqual(
      [...needsOf(cluster)],
      stepsOf(new TestWorld(cluster).scope()).map(({ id, needs }) => [id, needs]),
    )
  }
})

test('steps of an operator that has others are shown with what they wait for', () => {
  const status = {
    steps: [
      { id: 'a', state: 'Ready' as const },
      { id: 'new', state: 'Waiting' as const, waitsFor: ['a', 'gone'] },
    ],
  }
  assert.deepEqual(
    graphSteps({ status }, new Map([['a', ['forgotten']]])).map(({ id, needs }) => [id, needs]),
    [
      ['a', []],
      ['new', ['a']],
    ],
  )
  assert.deepEqual(graphSteps({}, new Map()), [])
})

test('arrows that follow from others are left out', () => {
  const needs = reduced([step('a', 'Ready'), step('b', 'Ready', ['a']), step('c', 'Ready', ['a', 'b'])])
  assert.deepEqual(needs.get('c'), ['b'])
})

test('a step is below what keeps it waiting: what failed before what is under way', () => {
  const steps = [step('a', 'Progressing'), step('b', 'Failed'), step('c', 'Waiting', ['a', 'b']), step('d', 'Waiting', ['c']), step('e', 'Waiting', ['a'])]
  assert.deepEqual(tree(steps), ['a', '└─ e', 'b', '└─ c (a)', '   └─ d'])
})

test('of several that are under way, a step is below the one that others stand before', () => {
  const steps = [
    step('config', 'Progressing'),
    step('server', 'Progressing'),
    step('database', 'Waiting', ['server']),
    step('schema', 'Waiting', ['config', 'database']),
  ]
  assert.deepEqual(tree(steps), ['config', 'server', '└─ database', '   └─ schema (config)'])
})

test('a step that is ready is below the need that was ready last', () => {
  const at = (second: number) => ({ readyAt: new Date(second * 1000).toISOString() })
  const steps = [step('a', 'Ready', [], at(5)), step('b', 'Ready', [], at(9)), step('c', 'Ready', ['a', 'b'], at(12))]
  assert.deepEqual(tree(steps), ['a', 'b', '└─ c (a)'])
  assert.deepEqual(tree([step('a', 'Ready', [], at(10)), ...steps.slice(1)]), ['a', '└─ c (b)', 'b'])
})

test('a circle, which no operator makes, ends all the same', () => {
  const circle = [step('a', 'Waiting', ['b']), step('b', 'Waiting', ['a'])]
  assert.match(graphSvg('x', circle), /<svg/)
  assert.deepEqual(tree(circle), ['a', 'b'])
})

test('the picture has each step once, to the right of its needs, and no text of a message breaks it', () => {
  const svg = graphSvg('a<b', [step('a', 'Ready'), step('b', 'Failed', ['a'], { message: 'x < "y" & z' }), step('c', 'Waiting', ['a', 'b'])])
  assert.match(svg, /<title>a&lt;b<\/title>/)
  assert.match(svg, /<title>b: Failed, x &lt; &quot;y&quot; &amp; z<\/title>/)
  assert.equal(svg.match(/<g>/g)?.length, 3)
  assert.equal(svg.match(/<path d=/g)?.length, 2)
  const x = (id: string) => Number(new RegExp(`<text x="([\\d.]+)"[^>]*>${id}</text>`).exec(svg)?.[1])
  assert.ok(x('a') < x('b') && x('b') < x('c'), svg)
})
