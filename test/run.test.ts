import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { runLayers, summary } from './run.ts'
import type { Layer, LayerResult } from './run.ts'

const inline = "import { test, describe, after } from 'node:test'\n"
const fails = "() => { throw new Error('on purpose') }"

/** Runs layers whose test files have these contents. */
async function runWith(
  t: TestContext,
  contents: Record<string, string>,
  layers: readonly Layer[],
  signal = new AbortController().signal,
): Promise<LayerResult[]> {
  const root = await mkdtemp(join(tmpdir(), 'teruwa-run-'))
  t.after(() => rm(root, { recursive: true }))
  for (const [file, content] of Object.entries(contents)) await writeFile(join(root, file), inline + content)
  return runLayers(layers, { root, signal, print: () => {}, quiet: true })
}

const layer = (name: string, more: Partial<Layer> = {}): Layer => ({ name, files: [`${name}*.mjs`], timeoutMs: 20_000, ...more })
const counts = (results: readonly LayerResult[]) => results.map(({ counts: { passed, failed, skipped } }) => [passed, failed, skipped])

test('tests are counted over files, whatever they are nested in', async (t) => {
  const results = await runWith(
    t,
    {
      'a1.mjs': "test('one', () => {})\ntest.skip('later', () => {})\ndescribe('suite', () => { test('two', () => {}) })",
      'a2.mjs': "test('parent', async (t) => { await t.test('child', () => {}) })",
    },
    [layer('a')],
  )
  assert.deepEqual(counts(results), [[4, 0, 1]])
})

test('what fails is counted once: a test, a hook, a file that cannot be loaded, a file without tests', async (t) => {
  const results = await runWith(
    t,
    {
      'a1.mjs': `test('good', () => {})\ndescribe('suite', () => { test('bad', ${fails}) })`,
      'a2.mjs': `describe('suite', () => { after(${fails}); test('fine', () => {}) })`,
      'a3.mjs': "throw new Error('on purpose')",
      'a4.mjs': '',
    },
    [layer('a')],
  )
  assert.deepEqual(counts(results), [[2, 4, 0]])
})

test('a layer without tests fails', async (t) => {
  assert.deepEqual(counts(await runWith(t, {}, [layer('a')])), [[0, 1, 0]])
})

test('a check counts as a test', async (t) => {
  const checks = [0, 3].map((code) => ({ name: `exits with ${code}`, command: [process.execPath, '-e', `process.exit(${code})`] as const }))
  const results = await runWith(t, { 'a.mjs': "test('one', () => {})" }, [layer('a', { checks })])
  assert.deepEqual(counts(results), [[2, 1, 0]])
})

test('a layer that fails keeps the later ones from running', async (t) => {
  const layers = [layer('a'), layer('b')]
  const results = await runWith(t, { 'a.mjs': `test('bad', ${fails})`, 'b.mjs': "test('good', () => {})" }, layers)
  assert.deepEqual(counts(results), [[0, 1, 0]])
  assert.match(summary(layers, results).join('\n'), /^a .* 0 passed .* 1 failed .*\nb +not run$/)
})

test('what a layer needs is there while it runs, and is ended after it', async (t) => {
  let stopped = false
  const prepare = async () => ({
    env: { TERUWA_GIVEN: 'yes' },
    stop: async () => {
      stopped = true
    },
  })
  const content = "test('given', () => { if (process.env.TERUWA_GIVEN !== 'yes') throw new Error('not given') })"
  assert.deepEqual(counts(await runWith(t, { 'a.mjs': content }, [layer('a', { prepare })])), [[1, 0, 0]])
  assert.ok(stopped)
})

test('an interrupted layer has failed and leaves no process', async (t) => {
  const interrupted = new AbortController()
  const prepare = async () => {
    setTimeout(() => interrupted.abort(new Error('interrupted')), 500)
    return { env: {}, stop: async () => {} }
  }
  const results = await runWith(
    t,
    { 'a.mjs': "test('long', () => new Promise((resolve) => setTimeout(resolve, 60_000)))" },
    [layer('a', { prepare }), layer('b')],
    interrupted.signal,
  )
  assert.deepEqual(counts(results), [[0, 1, 0]])
  assert.ok((results[0]?.seconds ?? 60) < 20)
})
