import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { readersFolder, Terminal } from './terminal.ts'

async function terminal(context: TestContext, env: Readonly<Record<string, string>> = {}): Promise<Terminal> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-terminal-'))
  const opened = new Terminal(folder, { ...(await readersFolder(folder, { truth: '/bin/true' })), ...env })
  context.after(async () => {
    await opened.close()
    await rm(folder, { recursive: true })
  })
  return opened
}

test('a shell knows what it is given, and keeps its variables', async (context) => {
  const shell = await terminal(context, { GIVEN: 'a' })
  assert.deepEqual(await shell.type('kept=b  # a comment', 10), { code: 0, output: '' })
  assert.deepEqual(await shell.type('echo $GIVEN $kept; echo c >&2', 10), { code: 0, output: 'a b\nc\n' })
  assert.equal((await shell.type('truth && test -e charts/teruwa && cat', 10)).code, 0)
  assert.equal((await shell.type('false | cat', 10)).code, 1)
})

test('what goes on in the background says something first, and ends with the shell', async (context) => {
  const shell = await terminal(context)
  assert.match((await shell.type('{ sleep 0.2; echo here; sleep 60; } &   # and more', 10)).output, /here/)
})

test('a command without an end is told, and nothing is typed after it', async (context) => {
  const shell = await terminal(context)
  await assert.rejects(shell.type('echo begun; sleep 60', 1), /no end after 1 s of: echo begun; sleep 60\nbegun/)
  await assert.rejects(shell.type('true', 1), /the shell has ended/)
})
