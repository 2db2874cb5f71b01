// Hypervisors, before a real API server: made, shown, updated, put right and removed, and nothing written where nothing changed.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { HypervisorStatus } from '../../operator/api/v1alpha1/index.ts'
import { HypervisorRecords } from '../../operator/cluster/hypervisors.ts'
import { hypervisors, openStackClusters, Watches } from '../../operator/cluster/watches.ts'
import type { HypervisorView } from '../../operator/compute/hypervisor-status.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import { Logger } from '../../operator/runtime/log.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually } from './operator.ts'

const namespace = 'hypervisors'
const noon = new Date('2026-01-01T12:00:00Z')

/** What a view says of a node; every field of the status is used. */
const statusOf = (more: Partial<HypervisorStatus> = {}): HypervisorStatus => ({
  state: 'Up',
  since: noon.toISOString(),
  joinedAt: noon.toISOString(),
  message: 'fine',
  novaCompute: 'up',
  servers: 2,
  vcpus: { used: 3, total: 8, summary: '3/8' },
  memory: { used: 1536, total: 8192, summary: '1.5/8.0Gi' },
  agents: [{ name: 'nova-compute', alive: true }],
  agentsSummary: '1/1',
  clock: { synchronized: true, offsetMilliseconds: -1 },
  guests: [{ id: '1', name: 'vm', status: 'ACTIVE', hostStatus: 'UNKNOWN' }],
  ...more,
})
const viewOf = (nodes: readonly string[], status = statusOf()): HypervisorView => ({ nodes, statusOf: () => status })

describe('Hypervisors', () => {
  const stopped = new AbortController()
  const { signal } = stopped
  let kube: Kubernetes
  let watches: Watches
  let owner: { name: string; namespace: string; uid: string }

  /** Waits until the watch shows what the test waits for. */
  const seen = (what: string, test: () => boolean) => eventually(`the watch shows ${what}`, async () => (test() ? true : undefined))

  /** The version of each as the API server has it. */
  async function versions(): Promise<Record<string, string | undefined>> {
    const { items } = await kube.client.list(hypervisors, { namespace }, signal)
    return Object.fromEntries(items.map(({ metadata }) => [metadata.name, metadata.resourceVersion]))
  }

  before(async () => {
    kube = await kubernetes({ namespaces: [namespace] })
    const cluster: KubeObject = { apiVersion, kind, metadata: { name: 'teruwa', namespace }, spec: {} }
    const { metadata } = await kube.client.create(openStackClusters, cluster, signal)
    owner = { name: 'teruwa', namespace, uid: metadata.uid ?? '' }
    watches = new Watches({ client: kube.client, log: new Logger({ level: 'error' }), wake: () => {} })
    await watches.start(signal)
    await seen('the kind', () => watches.seesHypervisors())
  })

  after(async () => {
    stopped.abort()
    await kube?.stop()
  })

  test('are made with all that is known, shown by kubectl, and left alone while nothing changes', async () => {
    const records = new HypervisorRecords(kube.client, watches)
    await records.write(owner, viewOf(['node-1', 'node-2']), noon, () => {}, signal)
    const made = await versions()
    assert.deepEqual(Object.keys(made), ['node-1', 'node-2'])
    await records.write(owner, viewOf(['node-1', 'node-2']), noon, () => {}, signal)
    await seen('both', () => watches.hypervisorsOf(owner.uid).filter(({ status }) => status !== undefined).length === 2)
    await new HypervisorRecords(kube.client, watches).write(owner, viewOf(['node-1', 'node-2']), noon, () => assert.fail('nothing changed'), signal)
    assert.deepEqual(await versions(), made)
    const { status } = (await kube.client.get(hypervisors, namespace, 'node-1', signal)) ?? {}
    assert.deepEqual(status, statusOf(), 'no field is unknown to the CRD')
    const [header = '', line = ''] = (await kube.kubectl.run(['get', 'oshv', '--namespace', namespace])).split('\n').map((each) => each.replace(/\s+/g, ' '))
    assert.equal(header.trim(), 'NAME STATE VMS VCPUS MEMORY AGENTS AGE')
    assert.match(line, /^node-1 Up 2 3\/8 1\.5\/8\.0Gi 1\/1 \d+s/)
  })

  test('are changed where something changed, put right where somebody edits them, and removed with the label', async () => {
    const records = new HypervisorRecords(kube.client, watches)
    const before = await versions()
    const down = viewOf(['node-1', 'node-2'], statusOf({ state: 'Down' }))
    const only: HypervisorView = { nodes: down.nodes, statusOf: (node) => (node === 'node-2' ? statusOf({ state: 'Down' }) : statusOf()) }
    await records.write(owner, only, noon, () => {}, signal)
    const changed = await versions()
    assert.equal(changed['node-1'], before['node-1'])
    assert.notEqual(changed['node-2'], before['node-2'])
    await kube.kubectl.run(['patch', 'oshv', 'node-1', '--namespace', namespace, '--type=merge', '--patch', '{"spec":{"cluster":"mine"}}'])
    await seen('the edit', () => (watches.hypervisor(namespace, 'node-1')?.spec as { cluster?: string } | undefined)?.cluster === 'mine')
    await records.write(owner, only, noon, () => {}, signal)
    const { spec } = (await kube.client.get(hypervisors, namespace, 'node-1', signal)) ?? {}
    assert.deepEqual(spec, { cluster: 'teruwa', node: 'node-1' })
    await records.write(owner, viewOf(['node-2']), noon, () => {}, signal)
    assert.deepEqual(Object.keys(await versions()), ['node-2'])
  })
})
