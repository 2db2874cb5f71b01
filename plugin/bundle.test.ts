import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { listen } from '../operator/openstack/test-server.ts'
import { bundlePlugin } from './bundle.ts'
import { cloudAfter } from './test-cloud.ts'

const exec = promisify(execFile)

/** Takes away what Node.js 20 does not have. */
const OLDER = `
delete Promise.withResolvers
delete Map.groupBy
delete require('node:zlib').createZstdDecompress
delete require('node:worker_threads').markAsUncloneable
delete globalThis.WebSocket
delete globalThis.CloseEvent
`

/** A program that a kubeconfig names for its token. */
const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'of-a-program' } }
const user = { exec: { apiVersion: credential.apiVersion, command: 'echo', args: [JSON.stringify(credential)], interactiveMode: 'Never' } }

test('the plugin is one program that runs by its name, also on an older Node.js, with all that a kubeconfig may name', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-plugin-'))
  t.after(() => rm(folder, { recursive: true }))
  const asked: (string | undefined)[] = []
  const server = await listen(t, ({ url, headers }, response) => {
    asked.push(headers.authorization)
    const items = url?.includes('/openstackclusters') ? [cloudAfter(12)] : []
    response.end(JSON.stringify({ metadata: { resourceVersion: '1' }, items }))
  })
  const kubeconfig = join(folder, 'kubeconfig')
  const cluster = { name: 'x', cluster: { server, 'insecure-skip-tls-verify': true } }
  const context = { name: 'x', context: { cluster: 'x', user: 'x' } }
  await writeFile(kubeconfig, JSON.stringify({ clusters: [cluster], contexts: [context], users: [{ name: 'x', user }], 'current-context': 'x' }))
  const preload = join(folder, 'older.cjs')
  await writeFile(preload, OLDER)

  const program = await bundlePlugin(folder)
  assert.match((await exec(program, ['version'])).stdout, /^kubectl-teruwa \d/)
  for (const options of [[], ['--require', preload]]) {
    const { stdout } = await exec(process.execPath, [...options, program, 'status', '--kubeconfig', kubeconfig])
    assert.match(stdout, /^Cloud openstack\/teruwa .*\n✔ Ready since /)
  }
  assert.ok(asked.length > 0 && asked.every((authorization) => authorization === 'Bearer of-a-program'), asked.join())
})
