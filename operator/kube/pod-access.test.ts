import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isInPod, podAccess } from './pod-access.ts'

test('a pod reaches the API server by what the kubelet gave it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'pod-'))
  t.after(() => rmSync(folder, { recursive: true }))
  assert.equal(isInPod(folder), false)
  writeFileSync(join(folder, 'ca.crt'), 'CA')
  writeFileSync(join(folder, 'token'), 'abc\n')
  assert.equal(isInPod(folder), true)
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '6443' }
  assert.deepEqual(await podAccess(env, folder), { server: 'https://10.96.0.1:6443', tls: { ca: 'CA' }, headers: { authorization: 'Bearer abc' } })
  assert.equal((await podAccess({ KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder)).server, 'https://[fd00::1]:443')
})
