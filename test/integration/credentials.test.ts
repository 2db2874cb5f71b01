// The Secret of generated passwords and keys, before a real API server: made once, rotated on time, never by two at once.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { ensureCredentials } from '../../operator/cluster/credentials.ts'
import type { KeptCredentials } from '../../operator/cluster/credentials.ts'
import { clusterOf } from '../../operator/cluster/test-world.ts'
import { fernetFiles } from '../../operator/config/fernet.ts'
import { connect } from '../../operator/kube/client.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'
import { rawApi } from './raw-api.ts'

const MINUTE = 60_000
const start = Date.parse('2030-01-01T00:00:00Z')
const sample = clusterOf({ services: { keystone: { fernetRotationMinutes: 60, tokenExpirationMinutes: 60 } } })
const cluster = { ...sample, metadata: { ...sample.metadata, namespace: 'credentials' } }

describe('the credentials of a cluster', () => {
  let server: ApiServer
  let client: KubeClient
  let first: KeptCredentials

  const keep = (now: number, known?: KubeObject) => ensureCredentials({ client, cluster, known, random: randomBytes, now })
  const keysOf = ({ credentials }: KeptCredentials) => fernetFiles(credentials['keystone.fernet'] ?? '')

  before(async () => {
    server = await apiServer()
    client = await connect({ kubeconfig: server.kubeconfigPath })
    const api = rawApi(server.kubeconfig)
    await api.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'credentials' } })
    await api.close()
  })

  after(async () => {
    await client?.close()
    await server?.stop()
  })

  test('are made once, and the first rotation is an interval away', async () => {
    first = await keep(start)
    assert.equal(first.rotationDueAt, start + 60 * MINUTE)
    const again = await keep(start + 59 * MINUTE)
    assert.deepEqual(again.credentials, first.credentials)
    assert.equal(again.secret.metadata.resourceVersion, first.secret.metadata.resourceVersion, 'nothing is written')
  })

  test('only the keys of tokens change when their time has come, once for all that was missed', async () => {
    const late = start + 200 * MINUTE
    const rotated = await keep(late)
    assert.equal(rotated.rotationDueAt, late + 60 * MINUTE)
    const changed = Object.keys(first.credentials).filter((name) => first.credentials[name] !== rotated.credentials[name])
    assert.deepEqual(changed, ['keystone.fernet'])
    assert.deepEqual(Object.keys(keysOf(rotated)), ['0', '1', '2'])
    assert.equal(keysOf(rotated)['2'], keysOf(first)['0'])
    const read = await keep(late)
    assert.deepEqual(read.credentials, rotated.credentials, 'what was written is what is read')
  })

  test('who rests on an old copy of the Secret is refused, and changes nothing', async () => {
    const before = await keep(start + 200 * MINUTE)
    await assert.rejects(keep(start + 400 * MINUTE, first.secret), { status: 409 })
    assert.deepEqual((await keep(start + 200 * MINUTE)).credentials, before.credentials)
  })
})
