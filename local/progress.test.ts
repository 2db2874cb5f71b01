import assert from 'node:assert/strict'
import { stripVTControlCharacters } from 'node:util'
import { test } from 'node:test'
import { renderFrame } from './progress-frame.ts'
import { createProgress } from './progress.ts'
import type { StepView } from './progress.ts'

function capture(): { write(text: string): void; text: string } {
  return {
    text: '',
    write(text: string) {
      this.text += text
    },
  }
}

void test('without a terminal each change is one line, and an unchanged message none', async () => {
  const out = capture()
  let clock = 0
  const progress = createProgress(out, { tty: false, now: () => clock })
  await progress.step('kubernetes', async (step) => {
    clock = 1500
    step.update('building etcd')
    step.update('building etcd')
    await step.step('node', async () => {
      clock = 2000
    })
  })
  assert.deepEqual(out.text.split('\n'), [
    '[    0.0 s] kubernetes runs',
    '[    1.5 s] kubernetes runs: building etcd',
    '[    1.5 s] kubernetes › node runs',
    '[    2.0 s] kubernetes › node done after 0.5 s',
    '[    2.0 s] kubernetes done after 2.0 s: building etcd',
    '',
  ])
})

void test('without a terminal a step that says much is heard every five seconds', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const out = capture()
  let clock = 0
  const progress = createProgress(out, { tty: false, now: () => clock })
  for (const message of ['one', 'two', 'three']) {
    progress.set('images', { state: 'running', message })
    clock += 1000
  }
  clock = 5000
  context.mock.timers.tick(5000)
  progress.set('images', { state: 'running', message: 'four' })
  progress.set('images', { state: 'done' })
  assert.deepEqual(out.text.trim().split('\n'), ['[    0.0 s] images runs: one', '[    5.0 s] images runs: three', '[    5.0 s] images done after 5.0 s'])
})

void test('a step that throws is failed with the message and rethrows', async () => {
  const out = capture()
  const progress = createProgress(out, { tty: false, now: () => 0 })
  await assert.rejects(
    progress.step('images', async () => {
      throw new Error('no space left')
    }),
    /no space left/,
  )
  assert.match(out.text, /images FAILED after 0\.0 s: no space left/)
})

void test('a step set from outside keeps its start and prints only changes', () => {
  const out = capture()
  let clock = 0
  const progress = createProgress(out, { tty: false, now: () => clock })
  progress.set('keystone/schema', { state: 'waiting', message: 'for database' })
  progress.set('keystone/schema', { state: 'running' })
  clock = 3000
  progress.set('keystone/schema', { state: 'running' })
  progress.set('keystone/schema', { state: 'done' })
  assert.deepEqual(out.text.trim().split('\n'), [
    '[    0.0 s] keystone/schema waits: for database',
    '[    0.0 s] keystone/schema runs',
    '[    3.0 s] keystone/schema done after 3.0 s',
  ])
})

function view(name: string, state: StepView['state'], children: StepView[] = [], message = ''): StepView {
  return { name, state, message, startedAt: 0, endedAt: state === 'done' ? 1000 : undefined, children }
}

void test('a frame hides the parts of done steps and shows seconds', () => {
  const root = [view('images', 'done', [view('base', 'done')]), view('kubernetes', 'running', [view('node', 'waiting')])]
  const lines = renderFrame(root, 65_000, { columns: 40, rows: 10 }).map(stripVTControlCharacters)
  assert.deepEqual(lines, ['✔ images                            1.0s', '▸ kubernetes                       1m05s', '  · node                           1m05s'])
})

void test('a frame never exceeds the terminal and keeps what failed', () => {
  const many = Array.from({ length: 50 }, (_, i) => view(`step ${i}`, i === 40 ? 'failed' : 'waiting', [], 'x'.repeat(200)))
  const lines = renderFrame(many, 0, { columns: 60, rows: 12 }).map(stripVTControlCharacters)
  assert.equal(lines.length, 11)
  assert.ok(lines.every((line) => line.length <= 60))
  assert.ok(lines.some((line) => line.includes('✘ step 40')))
  assert.match(lines.at(-1) ?? '', /and 40 more/)
})
