import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeError } from '../operator/kube/error.ts'
import type { KubeObject } from '../operator/kube/types.ts'
import { readLogin } from './login.ts'
import { cloudAfter } from './test-cloud.ts'

/** Reads as somebody whose API server gives this for every Secret. */
function reading(answer: (name: string) => KubeObject | undefined) {
  const get = (_type: unknown, _namespace: unknown, name: string) => Promise.resolve(name).then(answer)
  return (user?: string) => readLogin({ get }, cloudAfter(0), user, 'openrc')
}

test('what a user logs in with is in a Secret of their own', async () => {
  const read = reading((name) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { openrc: Buffer.from(`of ${name}`).toString('base64') } }))
  assert.equal(await read(), 'of teruwa-admin')
  assert.equal(await read('alice'), 'of teruwa-user-alice')
})

test('a Secret that may not be read, or is not there yet, is named', async () => {
  const forbidden = reading(() => {
    throw new KubeError({ method: 'GET', path: '/', status: 403 })
  })
  await assert.rejects(forbidden('alice'), /^Error: you may not read the Secret teruwa-user-alice in namespace openstack: ask for "get" on it$/)
  await assert.rejects(reading(() => undefined)(), /^Error: the Secret teruwa-admin in namespace openstack has no openrc yet: see "kubectl teruwa status"$/)
})
