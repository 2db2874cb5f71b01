import assert from 'node:assert/strict'
import { test } from 'node:test'
import { commands } from './commands/index.ts'
import { run } from './run.ts'
import { memoryOutput } from './test-cloud.ts'

async function ran(...argv: string[]): Promise<{ code: number; text: string; errors: string }> {
  const output = memoryOutput()
  const code = await run(argv, output)
  return { code, text: output.text(), errors: output.errors() }
}

test('every command has a help, which names its options', async () => {
  const { code, text } = await ran('--help')
  assert.equal(code, 0)
  for (const { name, options } of commands) {
    assert.match(text, new RegExp(`^ {2}${name} `, 'm'))
    const help = await ran(name, '--help')
    assert.equal(help.code, 0)
    assert.match(help.text, new RegExp(`^Usage: kubectl teruwa ${name}`))
    for (const option of [...Object.keys(options), 'kubeconfig', 'context', 'namespace']) assert.match(help.text, new RegExp(`--${option}`))
  }
  assert.equal((await ran('help')).text, text)
})

test('a command line that is wrong is answered with a sentence, where to read more, and exit code 2', async () => {
  assert.deepEqual(await ran('frob'), {
    code: 2,
    text: '',
    errors: `unknown command "frob"; there are ${commands.map(({ name }) => name).join(', ')}\nSee "kubectl teruwa --help".\n`,
  })
  assert.deepEqual(await ran('status', '--frob'), { code: 2, text: '', errors: 'unknown option \'--frob\'\nSee "kubectl teruwa status --help".\n' })
  assert.deepEqual(await ran(), { code: 2, text: '', errors: (await ran('--help')).text })
  assert.equal((await ran('--frob')).code, 2)
  assert.match((await ran('graph', '--svg', '-o', 'json')).errors, /^--svg and --output json exclude each other\n/)
})

test('a kubeconfig that is not there is named, and the exit code is 1', async () => {
  const { code, errors } = await ran('status', '--kubeconfig', '/nowhere/kubeconfig')
  assert.equal(code, 1)
  assert.match(errors, /\/nowhere\/kubeconfig/)
})

test('the version is told without a cluster', async () => {
  assert.match((await ran('version')).text, /^kubectl-teruwa \d+\.\d+\.\d+ for openstack\.teruwa\.io\/v1alpha1, Node\.js v\d+/)
  assert.deepEqual(Object.keys(JSON.parse((await ran('version', '-o', 'json')).text) as object), ['version', 'apiVersion', 'node'])
})
