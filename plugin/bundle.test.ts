import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { bundlePlugin } from './bundle.ts'

const exec = promisify(execFile)

/** Takes away what Node.js 20 does not have. */
const OLDER = `
delete Promise.withResolvers
delete Map.groupBy
delete require('node:zlib').createZstdDecompress
delete require('node:worker_threads').markAsUncloneable
`

test('the plugin is one program that runs by its name, also on an older Node.js', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-plugin-'))
  t.after(() => rm(folder, { recursive: true }))
  const program = await bundlePlugin(folder)
  const { stdout } = await exec(program, ['version'])
  assert.match(stdout, /^kubectl-teruwa \d/)
  const preload = join(folder, 'older.cjs')
  await writeFile(preload, OLDER)
  const kubeconfig = join(folder, 'kubeconfig')
  const cluster = { name: 'x', cluster: { server: 'https://127.0.0.1:1' } }
  const context = { name: 'x', context: { cluster: 'x', user: 'x' } }
  await writeFile(kubeconfig, JSON.stringify({ clusters: [cluster], contexts: [context], users: [{ name: 'x', user: {} }], 'current-context': 'x' }))
  // As far as the connection: everything that a command needs is loaded by then.
  await assert.rejects(
    exec(process.execPath, ['--require', preload, program, 'status', '--kubeconfig', kubeconfig]),
    ({ code, stderr }: { code: number; stderr: string }) => {
      assert.match(stderr, /openstackclusters got no answer: .*ECONNREFUSED/)
      return code === 1
    },
  )
})
