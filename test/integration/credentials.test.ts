// The Secret of generated passwords and keys, before a real API server: made once, rotated on time, never by two at once, and put
// right where somebody took a part of it away.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { ensureCredentials } from '../../operator/cluster/credentials.ts'
import type { KeptCredentials } from '../../operator/cluster/credentials.ts'
import { clusterOf } from '../../operator/cluster/test-world.ts'
import { fernetFiles } from '../../operator/config/fernet.ts'
import { sshKeyPair } from '../../operator/config/ssh-key.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'

const MINUTE = 60_000
const start = Date.parse('2030-01-01T00:00:00Z')
const sample = clusterOf({ services: { keystone: { fernetRotationMinutes: 60, tokenExpirationMinutes: 60 } } })
const cluster = { ...sample, metadata: { ...sample.metadata, namespace: 'credentials' } }

describe('the credentials of a cluster', () => {
  let kube: Kubernetes
  let first: KeptCredentials

  const copies = new Map<string, KubeObject>()
  const look = (now: number, known?: KubeObject, of = cluster) =>
    ensureCredentials({ client: kube.client, cluster: of, known, live: (secret) => copies.get(secret), random: randomBytes, now })
  const keep = async (now: number, known?: KubeObject, of = cluster) => {
    const kept = await look(now, known, of)
    assert.ok(!('lost' in kept), JSON.stringify(kept))
    return kept
  }
  const keysOf = ({ credentials }: KeptCredentials) => fernetFiles(credentials['keystone.fernet'] ?? '')

  before(async () => {
    kube = await kubernetes({ namespaces: ['credentials'], resources: false })
  })

  after(async () => {
    await kube?.stop()
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

  describe('that somebody took away or spoiled', () => {
    const now = start + 200 * MINUTE
    const { secrets, persistentVolumeClaims } = ResourceTypes
    const edit = (data: Record<string, string | null>) =>
      kube.client.patch(secrets, 'credentials', 'teruwa-credentials', { data: encoded(data) }, { type: 'merge', fieldManager: 'somebody' })
    const copy = (name: string, files: Record<string, string>) =>
      copies.set(name, { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'credentials' }, data: encoded(files) as Record<string, string> })
    const changedSince = (before: KeptCredentials, { credentials }: KeptCredentials) =>
      Object.keys(credentials).filter((name) => before.credentials[name] !== credentials[name])

    afterEach(() => copies.clear())

    test('a password that is taken away is made anew, and nothing else', async () => {
      const before = await keep(now)
      await edit({ 'glance.database': null })
      const after = await keep(now)
      assert.deepEqual([changedSince(before, after), after.repairs], [['glance.database'], []])
    })

    test('a password that would end a quotation is made anew, and what was wrong with it is told without telling it', async () => {
      const before = await keep(now)
      await edit({ 'nova.database': "x'; --" })
      const after = await keep(now)
      assert.deepEqual(changedSince(before, after), ['nova.database'])
      assert.deepEqual(after.repairs, ['nova.database is no password of letters, digits and . _ ~ -: made anew'])
    })

    test('keys of tokens that are spoiled come back from the Secret that Keystone reads; without it they are made anew', async () => {
      const before = await keep(now)
      copy('keystone-fernet-keys', keysOf(before))
      await edit({ 'keystone.fernet': 'Z2FyYmFnZQ' })
      const back = await keep(now)
      assert.deepEqual(changedSince(before, back), [])
      assert.match(back.repairs.join(), /^keystone\.fernet is no key repository: .*: taken back from Secret keystone-fernet-keys$/)
      copies.clear()
      await edit({ 'keystone.fernet': '' })
      assert.deepEqual(changedSince(back, await keep(now)), ['keystone.fernet'])
    })

    test('what Keystone has the other half of is named where Keystone has been there, and made anew where it has not', async () => {
      await edit({ 'keystone.admin': null })
      const steps = [{ id: 'keystone/schema', state: 'Ready' as const, readyAt: '2030-01-01T00:00:00Z' }]
      const kept = await look(now, undefined, { ...cluster, status: { steps } })
      assert.match('lost' in kept ? kept.lost : '', /the key keystone\.admin is missing/)
      await keep(now)
    })

    test('what cannot be made anew without a loss is named, with what to do, and nothing is written until a person has decided', async () => {
      const before = await keep(now)
      await kube.client.create(persistentVolumeClaims, {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'data-mariadb-0', namespace: 'credentials' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
      })
      const { metadata } = await edit({ 'keystone.credential': '{"0": "short"}', 'glance.database': null })
      const kept = await look(now)
      assert.ok('lost' in kept)
      assert.match(kept.lost, /^Secret credentials\/teruwa-credentials: the key keystone\.credential is no key repository: .*could never be read again/)
      assert.match(kept.lost, /Put it back from a backup\. Where there is none: add keystone\.credential to the annotation openstack\.teruwa\.io\/make-anew/)
      const { metadata: untouched } = (await kube.client.get(secrets, 'credentials', 'teruwa-credentials')) ?? before.secret
      assert.equal(untouched.resourceVersion, metadata.resourceVersion, 'not even what could be made anew is')

      const annotated = {
        ...cluster,
        metadata: { ...cluster.metadata, annotations: { 'openstack.teruwa.io/make-anew': 'rabbitmq.admin, keystone.credential' } },
      }
      assert.deepEqual(changedSince(before, await keep(now, undefined, annotated)).toSorted(), ['glance.database', 'keystone.credential'])
    })

    test('the whole Secret comes back: what is kept elsewhere as it was, all passwords that the operator sets itself new', async () => {
      const declared = {
        ...cluster,
        spec: { ...cluster.spec, ...clusterOf({ identity: { users: [{ name: 'u' }] }, bootstrap: { keyPairs: [{ name: 'k', user: 'u' }] } }).spec },
      }
      const before = await keep(now, undefined, declared)
      const { credentials } = before
      copy('keystone-fernet-keys', keysOf(before))
      copy('keystone-credential-keys', fernetFiles(credentials['keystone.credential'] ?? ''))
      copy('keystone-bootstrap', { password: credentials['keystone.admin'] ?? '' })
      copy('rabbitmq-config', { 'rabbitmq.conf': `a = b\ndefault_pass = ${credentials['rabbitmq.admin']}\nc = d\n` })
      copy('teruwa-user-u', { username: 'u', password: credentials['user.u'] ?? '' })
      copy('teruwa-keypair-k', { 'ssh-privatekey': sshKeyPair(credentials['keypair.k'] ?? '', 'k').privateKey })
      await kube.client.delete(secrets, 'credentials', 'teruwa-credentials')
      const after = await keep(now, undefined, declared)
      const same = Object.keys(credentials).filter((name) => credentials[name] === after.credentials[name])
      assert.deepEqual(same.toSorted(), ['keypair.k', 'keystone.admin', 'keystone.credential', 'keystone.fernet', 'rabbitmq.admin', 'user.u'])
      assert.equal(after.repairs.length, 6)
    })

    test('a Secret that was put back without its labels gets them, so that it is watched again', async () => {
      const before = await keep(now)
      await kube.client.delete(secrets, 'credentials', 'teruwa-credentials')
      const { annotations = {} } = before.secret.metadata
      await kube.client.create(secrets, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'teruwa-credentials', namespace: 'credentials', annotations },
        data: before.secret.data,
      })
      const after = await keep(now)
      assert.deepEqual(changedSince(before, after), [])
      assert.equal(after.secret.metadata.labels?.['app.kubernetes.io/managed-by'], 'teruwa')
      assert.equal(after.secret.metadata.labels['app.kubernetes.io/part-of'], 'teruwa')
    })
  })
})

function encoded(texts: Record<string, string | null>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, text === null ? null : Buffer.from(text).toString('base64')]))
}
