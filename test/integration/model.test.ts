// The simulation's model of the API server against a real one: the same writes, by chance, must have the same results on both.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { KubeError } from '../../operator/kube/error.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import { ModelApi } from '../simulation/api.ts'
import { shown } from '../simulation/client.ts'
import { Dice } from '../simulation/dice.ts'
import { kubernetes } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { configOf, nameOf, partOf, patchOf, statusOf } from './model-cases.ts'

const { secrets, deployments } = ResourceTypes
const OPERATIONS = 60
const label = 'app.kubernetes.io/managed-by=teruwa'

/** One write, as both servers are to do it. */
type Write =
  | { readonly verb: 'create'; readonly object: KubeObject }
  | { readonly verb: 'apply'; readonly object: KubeObject; readonly manager: string; readonly force: boolean; readonly status: boolean }
  | { readonly verb: 'patch'; readonly body: Readonly<Record<string, unknown>>; readonly status: boolean; readonly stale: 'no' | 'fresh' | 'stale' }
  | { readonly verb: 'delete'; readonly stale: boolean }

function writeOf(type: ResourceType, dice: Dice, namespace: string, exists: boolean): Write {
  const sort = dice.random()
  // An element of a list that two managers have set would lose half of its fields with one of them, and be refused: nobody shares any with the operator.
  if (sort < 0.1 && type !== deployments) return { verb: 'create', object: configOf(type, dice, namespace) }
  if (sort < 0.5) {
    const status = type === openStackClusters
    const isOther = !status && exists && dice.chance(0.3)
    const object = status ? statusOf(dice, namespace) : isOther ? partOf(type, dice, namespace) : configOf(type, dice, namespace)
    return { verb: 'apply', object, manager: isOther ? 'other' : 'teruwa', force: dice.chance(0.7), status }
  }
  if (sort < 0.9) {
    const status = type === deployments && dice.chance(0.2)
    const body = status ? { status: { replicas: dice.between(1, 3) } } : patchOf(type, dice)
    return { verb: 'patch', body, status, stale: dice.pick(['no', 'no', 'fresh', 'stale'] as const) }
  }
  return { verb: 'delete', stale: dice.chance(0.3) }
}

describe('the model of the API server is like a real one', () => {
  let kube: Kubernetes

  before(async () => {
    kube = await kubernetes()
  })

  after(async () => {
    await kube?.stop()
  })

  for (const [index, type] of [secrets, deployments, openStackClusters].entries()) {
    for (let seed = 1; seed <= 6; seed++) {
      test(`${type.kind}, seed ${seed}`, async () => {
        const namespace = `model-${type.plural}-${seed}-${Date.now().toString(36)}`
        await kube.client.create(ResourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
        const model = new ModelApi(Date.now)
        const dice = new Dice(100 * index + seed)
        const { resourceVersion } = await kube.client.list(type, { namespace })
        const begin = model.revision
        const story: string[] = []
        let first: { real?: KubeObject; modelled?: KubeObject } = {}
        for (let count = 0; count < OPERATIONS; count++) {
          const write = writeOf(type, dice, namespace, model.get(type, namespace, nameOf(type)) !== undefined)
          story.push(JSON.stringify(write))
          const [before, beforeModel] = [await kube.client.get(type, namespace, nameOf(type)), model.get(type, namespace, nameOf(type))]
          if (first.real === undefined) first = { ...(before ? { real: before } : {}), ...(beforeModel ? { modelled: beforeModel } : {}) }
          const real = await outcomeOf(() => onReal(kube.client, type, write, namespace, { now: before, first: first.real }))
          const modelled = await outcomeOf(() => onModel(model, type, write, namespace, { now: beforeModel, first: first.modelled }))
          const [after, afterModel] = [await kube.client.get(type, namespace, nameOf(type)), model.get(type, namespace, nameOf(type))]
          const sides = [
            { outcome: modelled, changed: changed(beforeModel, afterModel), object: plain(afterModel) },
            { outcome: real, changed: changed(before, after), object: plain(after) },
          ]
          assert.equal(JSON.stringify(sides[0]?.outcome), JSON.stringify(sides[1]?.outcome), story.slice(-3).join('\n'))
          assert.deepEqual(sides[0], sides[1], `the model (first) and the server part at the last of\n${story.slice(-12).join('\n')}`)
        }
        const expected = shownEvents(model, type, begin)
        const seen = await eventsOf(kube.client, type, namespace, resourceVersion, expected.length)
        assert.deepEqual(expected, seen, 'watches show the same')
      })
    }
  }
})

interface Versions {
  readonly now: KubeObject | undefined
  readonly first: KubeObject | undefined
}

/** The body with the version that the write rests on, where it rests on any. */
function versioned({ body, stale }: Extract<Write, { verb: 'patch' }>, { now, first }: Versions): unknown {
  const { resourceVersion } = (stale === 'stale' ? first : now)?.metadata ?? {}
  return stale === 'no' || resourceVersion === undefined ? body : { ...body, metadata: { ...(body['metadata'] as object | undefined), resourceVersion } }
}

async function onReal(client: KubeClient, type: ResourceType, write: Write, namespace: string, versions: Versions): Promise<unknown> {
  const status = 'status' in write && write.status ? { subresource: 'status' as const } : {}
  switch (write.verb) {
    case 'create':
      return client.create(type, write.object)
    case 'apply':
      return client.apply(type, write.object, { fieldManager: write.manager, force: write.force, ...status })
    case 'patch':
      return client.patch(type, namespace, nameOf(type), versioned(write, versions), { type: 'merge', fieldManager: 'person', ...status })
    default:
      return client.delete(type, namespace, nameOf(type), write.stale ? { uid: 'another' } : {})
  }
}

async function onModel(model: ModelApi, type: ResourceType, write: Write, namespace: string, versions: Versions): Promise<unknown> {
  const status = 'status' in write && write.status ? { subresource: 'status' as const } : {}
  switch (write.verb) {
    case 'create':
      return model.create(type, write.object)
    case 'apply':
      return model.apply(type, write.object, { fieldManager: write.manager, force: write.force, ...status })
    case 'patch':
      return model.patch(type, namespace, nameOf(type), versioned(write, versions), { fieldManager: 'person', ...status })
    default:
      return model.delete(type, namespace, nameOf(type), write.stale ? { uid: 'another' } : {})
  }
}

async function outcomeOf(write: () => Promise<unknown>): Promise<string> {
  try {
    await write()
    return 'done'
  } catch (error) {
    if (error instanceof KubeError && error.status !== undefined) return `${error.status}`
    throw error
  }
}

/** What a write did to an object, by its version. */
function changed(before: KubeObject | undefined, after: KubeObject | undefined): string {
  if (before === undefined || after === undefined) return before === after ? 'none' : before === undefined ? 'made' : 'gone'
  if (before.metadata.uid !== after.metadata.uid) return 'another'
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'same' : 'newer'
}

/** An object without what is chance: uid, versions and times; of a deletion, whether it has begun. */
function plain(object: KubeObject | undefined): unknown {
  if (object === undefined) return undefined
  const {
    uid: _,
    resourceVersion: __,
    creationTimestamp: ___,
    managedFields: ____,
    deletionTimestamp,
    deletionGracePeriodSeconds: _____,
    ...metadata
  } = {
    managedFields: undefined,
    deletionGracePeriodSeconds: undefined,
    ...object.metadata,
  }
  return filled(
    JSON.parse(JSON.stringify({ ...object, metadata: { ...metadata, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp: 'begun' }) } })),
  )
}

/** Without maps and lists that are empty, which some kinds keep and others do not. */
function filled(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(filled)
  if (value === null || typeof value !== 'object') return value ?? undefined
  const fields = Object.entries(value).flatMap(([field, inner]) => (filled(inner) === undefined ? [] : [[field, filled(inner)]]))
  return fields.length === 0 ? undefined : Object.fromEntries(fields)
}

function shownEvents(model: ModelApi, type: ResourceType, begin: number): unknown[] {
  return model.since(type, begin).flatMap((event) => {
    const seen = shown(event, label)
    return seen === undefined ? [] : [{ type: seen.type, object: plain(seen.object) }]
  })
}

/** So many events of a watch from a version on; what comes after them is not waited for, unless there are none. */
async function eventsOf(client: KubeClient, type: ResourceType, namespace: string, resourceVersion: string, count: number): Promise<unknown[]> {
  const seen: unknown[] = []
  const end = new AbortController()
  const timeoutSeconds = count === 0 ? 1 : 20
  for await (const { type: what, object } of client.watch(type, { namespace, labelSelector: label, resourceVersion, timeoutSeconds }, end.signal)) {
    if (what !== 'BOOKMARK') seen.push({ type: what, object: plain(object) })
    if (seen.length >= count) break
  }
  end.abort()
  return seen
}
