import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HypervisorStatus } from '../api/v1alpha1/index.ts'
import type { HypervisorView } from '../compute/hypervisor-status.ts'
import type { KubeObject } from '../kube/types.ts'
import { HypervisorRecords } from './hypervisors.ts'
import type { HypervisorChange } from './hypervisors.ts'

const owner = { name: 'teruwa', namespace: 'openstack', uid: 'uid-1' }
const signal = new AbortController().signal
const noon = new Date('2026-01-01T12:00:00Z')

/** An API server that keeps Hypervisors, and a watch of them that shows what it has when told to. */
class Api {
  readonly #objects = new Map<string, KubeObject>()
  #seen = new Map<string, KubeObject>()
  #version = 0
  readonly writes: string[] = []
  running = 0
  most = 0
  sees = true
  refuses = ''

  readonly client = {
    apply: async (_type: unknown, object: KubeObject, options: { subresource?: string }): Promise<KubeObject> => {
      const { name } = object.metadata
      this.running += 1
      this.most = Math.max(this.most, this.running)
      await Promise.resolve()
      this.running -= 1
      if (name === this.refuses) throw new Error(`no ${name}`)
      this.writes.push(`${options.subresource ?? 'object'} ${name}`)
      const before = this.#objects.get(name)
      const metadata = { ...before?.metadata, ...object.metadata, uid: `uid-${name}`, resourceVersion: String(++this.#version) }
      const next = options.subresource === 'status' ? { ...before, ...object, metadata, spec: before?.spec } : { ...object, metadata, status: before?.status }
      this.#objects.set(name, next)
      return next
    },
    delete: (_type: unknown, _namespace: unknown, name: string): Promise<void> => {
      this.writes.push(`delete ${name}`)
      this.#objects.delete(name)
      return Promise.resolve()
    },
  }

  readonly watches = {
    seesHypervisors: () => this.sees,
    hypervisor: (_namespace: string, name: string) => this.#seen.get(name),
    hypervisorsOf: (uid: string) => [...this.#seen.values()].filter(({ metadata }) => metadata.ownerReferences?.some((each) => each.uid === uid)),
  }

  /** The watch shows what is there. */
  show(): void {
    this.#seen = new Map(this.#objects)
  }

  /** Somebody takes an object away, or changes it. */
  set(name: string, change: (object: KubeObject) => KubeObject | undefined): void {
    const object = this.#objects.get(name)
    const next = object && change(object)
    if (next === undefined) this.#objects.delete(name)
    else this.#objects.set(name, { ...next, metadata: { ...next.metadata, resourceVersion: String(++this.#version) } })
  }
}

const viewOf = (nodes: readonly string[], status: Partial<HypervisorStatus> = {}): HypervisorView => ({
  nodes,
  statusOf: (_node, before, now) => ({ state: 'Up', since: before?.since ?? now.toISOString(), ...status }),
})

/** One visit; what was written, and what was told. */
async function visit(api: Api, records: HypervisorRecords, view: HypervisorView, now = noon): Promise<{ writes: string[]; told: readonly HypervisorChange[] }> {
  let told: readonly HypervisorChange[] = []
  api.writes.length = 0
  await records.write(owner, view, now, (changes) => (told = changes), signal)
  return { writes: api.writes.toSorted(), told }
}

test('each node gets one, and then nothing is written, whether the watch has shown it or not', async () => {
  const api = new Api()
  const records = new HypervisorRecords(api.client, api.watches)
  const first = await visit(api, records, viewOf(['a', 'b']))
  assert.deepEqual(first.writes, ['object a', 'object b', 'status a', 'status b'])
  assert.deepEqual(
    first.told.map(({ node, before, after }) => [node, before, after?.state]),
    [
      ['a', undefined, 'Up'],
      ['b', undefined, 'Up'],
    ],
  )
  const soon = new Date(noon.getTime() + 1000)
  assert.deepEqual(await visit(api, records, viewOf(['a', 'b']), soon), { writes: [], told: [] })
  api.show()
  assert.deepEqual(await visit(api, records, viewOf(['a', 'b']), soon), { writes: [], told: [] })
  assert.deepEqual(await visit(api, new HypervisorRecords(api.client, api.watches), viewOf(['a', 'b']), soon), { writes: [], told: [] }, 'after a restart')
  const [object] = api.watches.hypervisorsOf('uid-1')
  assert.deepEqual(object?.spec, { cluster: 'teruwa', node: 'a' })
})

test('only what changed is written; what somebody edits or deletes is put right; what is no hypervisor any more goes', async () => {
  const api = new Api()
  const records = new HypervisorRecords(api.client, api.watches)
  await visit(api, records, viewOf(['a', 'b']))
  api.show()
  const changed: HypervisorView = {
    ...viewOf(['a', 'b']),
    statusOf: (node, before, now) => viewOf([], node === 'b' ? { servers: 1 } : {}).statusOf(node, before, now),
  }
  assert.deepEqual((await visit(api, records, changed)).writes, ['status b'])
  api.show()
  api.set('a', (object) => ({ ...object, spec: { cluster: 'mine', node: 'a' } }))
  api.set('b', () => undefined)
  api.show()
  assert.deepEqual((await visit(api, records, changed)).writes, ['object a', 'object b', 'status b'])
  api.show()
  const gone = await visit(api, records, viewOf(['b'], { servers: 1 }))
  assert.deepEqual(gone.writes, ['delete a'])
  assert.deepEqual(
    gone.told.map(({ node, after }) => [node, after]),
    [['a', undefined]],
  )
})

test('one of an earlier cloud is not taken over: it goes, and a new one is made', async () => {
  const api = new Api()
  await new HypervisorRecords(api.client, api.watches).write({ ...owner, uid: 'uid-0' }, viewOf(['a']), noon, () => {}, signal)
  api.show()
  const records = new HypervisorRecords(api.client, api.watches)
  assert.deepEqual((await visit(api, records, viewOf(['a']))).writes, ['delete a'])
  api.show()
  assert.deepEqual((await visit(api, records, viewOf(['a']))).writes, ['object a', 'status a'])
})

test('a thousand are written a few at a time, one that is refused keeps no other back, and without the kind nothing is tried', async () => {
  const api = new Api()
  const records = new HypervisorRecords(api.client, api.watches)
  const nodes = Array.from({ length: 1000 }, (_, index) => `node-${index}`)
  api.sees = false
  assert.deepEqual((await visit(api, records, viewOf(nodes))).writes, [])
  api.sees = true
  api.refuses = 'node-500'
  let told = 0
  await assert.rejects(
    records.write(owner, viewOf(nodes), noon, (changes) => (told = changes.length), signal),
    /no node-500/,
  )
  assert.equal(told, 999)
  assert.equal(api.writes.length, 2 * 999)
  assert.ok(api.most <= 8, `${api.most} at once`)
})
