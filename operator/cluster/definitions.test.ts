import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crd, hypervisorCrd } from '../api/crd.ts'
import type { Schema } from '../api/crd.ts'
import { KubeError } from '../kube/error.ts'
import { FakeClock, until } from '../kube/test-clock.ts'
import { MemoryLog } from '../kube/test-log.ts'
import type { KubeObject } from '../kube/types.ts'
import { Definitions, fitting, lacksOf } from './definitions.ts'

const own = [crd(), hypervisorCrd()] as unknown as KubeObject[]
const schemaOf = (definition: ReturnType<typeof crd>): Schema => {
  const [version] = definition.spec.versions
  assert.ok(version)
  return version.schema.openAPIV3Schema
}

/** A definition without some fields of its schema. */
function without(definition: ReturnType<typeof crd>, ...paths: string[]): KubeObject {
  const copy = structuredClone(definition)
  for (const path of paths) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    const place = names.reduce<Schema>((schema, name) => schema.properties?.[name] ?? {}, schemaOf(copy))
    assert.ok(place.properties?.[last], path)
    delete place.properties[last]
  }
  return copy
}

test('what a newer schema has beyond ours is no lack; what an older one has not is one', () => {
  const text: Schema = { type: 'string' }
  const ours: Schema = {
    properties: { a: text, b: { type: 'string', default: 'x' }, list: { items: { properties: { c: { type: 'string', enum: ['1', '2'] } } } } },
  }
  assert.deepEqual(lacksOf(ours, ours), [])
  assert.deepEqual(lacksOf(ours, { properties: { ...ours.properties, more: text } }), [])
  const theirs: Schema = { properties: { b: text, list: { items: { properties: { c: { type: 'string', enum: ['1'] } } } } } }
  assert.deepEqual(lacksOf(ours, theirs), [
    { field: 'a', filledIn: false },
    { field: 'b has no default', filledIn: true },
    { field: 'list[].c: 2', filledIn: false },
  ])
})

test('a value that fits has no field that the schema lacks, at any depth', () => {
  const schema: Schema = {
    properties: { list: { items: { properties: { a: { type: 'string' } } } }, map: { additionalProperties: { properties: { b: {} } } } },
  }
  assert.deepEqual(fitting({ list: [{ a: '1', x: 1 }], map: { k: { b: 1, x: 1 } }, x: 1 }, schema), { list: [{ a: '1' }], map: { k: { b: 1 } } })
})

/** Definitions that are looked at once, of an API server that has these. */
async function look(t: { after: (end: () => void) => void }, live: (name: string) => KubeObject | undefined) {
  const end = new AbortController()
  t.after(() => end.abort())
  const log = new MemoryLog()
  const clock = new FakeClock()
  let changes = 0
  const client = { get: (_type: unknown, _namespace: unknown, name: string) => Promise.resolve().then(() => live(name)) }
  const definitions = new Definitions({ client, own, remedy: 'kubectl apply them', log, clock, onChange: () => (changes += 1) })
  await definitions.start(end.signal)
  return { definitions, clock, log, changes: () => changes }
}

const byName =
  (...definitions: readonly KubeObject[]) =>
  (name: string) =>
    definitions.find(({ metadata }) => metadata.name === name)

test('definitions that are as new as the operator are no fault, and nor is it not to be allowed to look', async (t) => {
  assert.equal((await look(t, byName(...own))).definitions.fault(), undefined)
  const forbidden = await look(t, () => {
    throw new KubeError({ method: 'GET', path: '/', status: 403 })
  })
  assert.equal(forbidden.definitions.fault(), undefined)
})

test('a field that the operator counts on keeps it from acting until it is there', async (t) => {
  let live = [without(crd(), 'spec.timeSync', 'status.operator'), own[1] as KubeObject]
  const { definitions, clock, changes, log } = await look(t, (name) => byName(...live)(name))
  const fault = definitions.fault()
  assert.equal(fault?.blocks, true)
  assert.match(
    fault.message,
    /the definition of OpenStackCluster in this Kubernetes is older than the operator, and lacks spec\.timeSync, status\.operator\. Helm .*: kubectl apply them; until then everything stays as it is$/,
  )
  assert.deepEqual(definitions.fit('OpenStackCluster', { operator: 'x', release: 'zed' }), { release: 'zed' })
  assert.ok(log.lines.some(({ level }) => level === 'error'))
  live = own
  await clock.advance(10_000)
  await until(() => definitions.fault() === undefined, 'the fault is over')
  assert.equal(changes(), 2)
  assert.deepEqual(definitions.fit('OpenStackCluster', { operator: 'x' }), { operator: 'x' })
})

test('what only the status lacks, or a kind that a cloud can do without, is told and keeps nobody from acting', async (t) => {
  const { definitions } = await look(t, byName(without(crd(), 'status.operator')))
  const fault = definitions.fault()
  assert.equal(fault?.blocks, false)
  assert.match(
    fault.message,
    /lacks status\.operator; this Kubernetes has no definition of Hypervisor\. .*; until then the status leaves out what it cannot hold$/,
  )
})

test('an API server that does not answer is asked again', async (t) => {
  let answers = 0
  const end = new AbortController()
  t.after(() => end.abort())
  const client = {
    get: (_type: unknown, _namespace: unknown, name: string) =>
      Promise.resolve().then(() => {
        answers += 1
        if (answers === 1) throw new KubeError({ method: 'GET', path: '/', detail: 'ECONNREFUSED' })
        return byName(...own)(name)
      }),
  }
  const clock = new FakeClock()
  const definitions = new Definitions({ client, own, remedy: '', log: new MemoryLog(), clock, onChange: () => {} })
  const started = definitions.start(end.signal)
  await until(() => clock.pending.length > 0, 'it waits')
  await clock.advance(1000)
  await started
  assert.equal(answers, 3)
})
