import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/types.ts'
import { finalize } from './delete.ts'
import { clusterOf, nodeOf } from './test-world.ts'
import type { Watches } from './watches.ts'

const BEGAN = Date.parse('2026-01-01T10:00:00Z')

/** A cloud that is being deleted, with an agent whose pod does not end. */
function deletion(deletionPolicy: 'Retain' | 'Delete', now: number) {
  const asked: string[] = []
  const client = {
    list: async () => ({ items: [] }),
    delete: async ({ kind }: { kind: string }, _namespace: string, name: string) => void asked.push(`${kind}/${name}`),
  }
  const metadata = { name: 'nova-compute', namespace: 'openstack', deletionTimestamp: '2026-01-01T10:00:00Z' }
  const agent: KubeObject = { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata }
  const watches = { ownedBy: () => [agent], strays: () => [], nodes: () => [nodeOf('node-1')], pods: () => [], live: () => undefined }
  const { metadata: own, ...cluster } = clusterOf({ deletionPolicy })
  const options = {
    client: client as unknown as KubeClient,
    watches: watches as unknown as Watches,
    cluster: { ...cluster, metadata: { ...own, deletionTimestamp: '2026-01-01T10:00:00Z' } },
    now,
    image: (name: string) => name,
  }
  return { asked, state: finalize(options, new AbortController().signal) }
}

test('what keeps the data waits for nothing and removes nothing', async () => {
  const { asked, state } = deletion('Retain', BEGAN)
  assert.deepEqual(await state, { done: true })
  assert.deepEqual(asked, [])
})

test('what removes the data says what it waits for and until when; the data is still there', async () => {
  const { asked, state } = deletion('Delete', BEGAN + 179_000)
  assert.deepEqual(await state, { waitsFor: 'the end of DaemonSet nova-compute; at 2026-01-01T10:03:00Z the deletion goes on without' })
  assert.deepEqual(asked, [])
})

test('when the time is over it ends, and names what was left behind', async () => {
  const { asked, state } = deletion('Delete', BEGAN + 180_000)
  assert.deepEqual(await state, { done: true, abandoned: 'the end of DaemonSet nova-compute' })
  assert.deepEqual(asked, ['Secret/teruwa-credentials'])
})
