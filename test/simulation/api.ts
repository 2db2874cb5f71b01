import { isDeepStrictEqual } from 'node:util'
import { openStackCluster } from '../../operator/api/v1alpha1/schema.ts'
import type { ApplyOptions, DeleteOptions, ListOptions, PatchOptions } from '../../operator/kube/client.ts'
import { KubeError } from '../../operator/kube/error.ts'
import { objectPath } from '../../operator/kube/resources.ts'
import type { KubeObject, ObjectMeta, ResourceType } from '../../operator/kube/types.ts'
import { fieldsOf, holds, merged, mergePatched, without } from './fields.ts'

/** One write, as a watch shows it. */
export interface ApiEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  /** As it was before. */
  readonly old?: KubeObject
  readonly revision: number
}

/** An object with who set which of its fields. */
interface Stored {
  readonly object: KubeObject
  readonly owners: ReadonlyMap<string, ReadonlySet<string>>
}

/** What a client may not set by a write of the object itself, and what names it. */
const ignored = new Set(['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp', 'name', 'namespace', 'managedFields'])
/** Kinds whose spec has a generation and whose status is a resource of its own. */
const generated = new Set(['deployments', 'statefulsets', 'daemonsets', 'jobs', 'poddisruptionbudgets', 'openstackclusters'])
const withStatus = new Set([...generated, 'services', 'pods', 'nodes', 'persistentvolumeclaims'])
const FIRST_NODE_PORT = 30_000

/**
 * What an API server keeps, and by which rules: versions, generations, server-side apply, finalizers, defaults of the CRD. It answers at once; a client of
 * the model puts time and failures in between. The integration tests hold it against a real one.
 */
export class ModelApi {
  readonly #now: () => number
  readonly #objects = new Map<string, Map<string, Stored>>()
  readonly #events = new Map<string, ApiEvent[]>()
  readonly #listeners = new Set<(type: ResourceType, event: ApiEvent) => void>()
  #revision = 1000
  #compacted = 0
  #uid = 0
  /** Clusters whose status is but the CRD's default: it is filled in when they are read, and stored with their next write, whatever that is. */
  readonly #asRead = new Set<string>()
  #nodePort = FIRST_NODE_PORT

  constructor(now: () => number) {
    this.#now = now
  }

  /** Another server with the same objects, and without a past. */
  copy(now: () => number): ModelApi {
    const copy = new ModelApi(now)
    for (const [plural, objects] of this.#objects) copy.#objects.set(plural, new Map(objects))
    copy.#revision = copy.#compacted = this.#revision
    copy.#uid = this.#uid
    copy.#nodePort = this.#nodePort
    return copy
  }

  get revision(): number {
    return this.#revision
  }

  /** Calls the listener at each write, before it is answered, until the function that it returns is called. */
  listen(listener: (type: ResourceType, event: ApiEvent) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get(type: ResourceType, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#objects.get(type.plural)?.get(keyOf(namespace, name))?.object
  }

  list(type: ResourceType, { namespace, labelSelector }: ListOptions = {}): KubeObject[] {
    const all = [...(this.#objects.get(type.plural)?.values() ?? [])].map(({ object }) => object)
    return all.filter((object) => (namespace === undefined || object.metadata.namespace === namespace) && matches(object, labelSelector))
  }

  /** What happened after a revision. */
  since(type: ResourceType, revision: number): readonly ApiEvent[] {
    const events = this.#events.get(type.plural) ?? []
    const known = events.findLastIndex((event) => event.revision <= revision)
    return events.slice(known + 1)
  }

  /** The uid of every object. */
  uids(): string[] {
    return [...this.#objects.values()].flatMap((objects) => [...objects.values()].map(({ object }) => object.metadata.uid ?? ''))
  }

  /** Forgets what was before now, and others have written meanwhile: whoever wants to watch from before must list. */
  compact(): void {
    this.#revision += 1
    this.#compacted = this.#revision
  }

  hasForgotten(revision: number): boolean {
    return revision < this.#compacted
  }

  create(type: ResourceType, given: KubeObject, manager = 'teruwa'): KubeObject {
    const { namespace, name } = given.metadata
    if (this.get(type, namespace, name) !== undefined) throw failure('POST', type, given.metadata, 409, 'AlreadyExists')
    const { status: _, ...body } = given
    const fields = new Set(fieldsOf(own(withStatus.has(type.plural) ? body : given)).keys())
    return this.#commit(type, undefined, withStatus.has(type.plural) ? body : given, new Map([[`${manager} Update`, fields]]))
  }

  apply(type: ResourceType, config: KubeObject, { fieldManager, force = false, subresource }: ApplyOptions): KubeObject {
    const { namespace, name } = config.metadata
    const before = this.#stored(type, namespace, name)
    if (before === undefined && subresource !== undefined) throw failure('PATCH', type, config.metadata, 404, 'NotFound')
    const manager = `${fieldManager} Apply${subresource ? ` ${subresource}` : ''}`
    const wanted = subresource === 'status' ? { status: config.status } : own(config, !withStatus.has(type.plural))
    const fields = fieldsOf(wanted)
    const owners = new Map(before?.owners)
    const mine = new Set(fields.keys())
    const others = [...owners].filter(([other]) => other !== manager)
    let live: ReadonlyMap<string, unknown> | undefined
    for (const [other, paths] of others) {
      const shared = [...paths].filter((path) => fields.has(path))
      if (shared.length > 0) live ??= fieldsOf(before?.object)
      const lost = shared.filter((path) => !isDeepStrictEqual(fields.get(path), live?.get(path)))
      if (lost.length === 0) continue
      if (!force) throw failure('PATCH', type, config.metadata, 409, 'Conflict')
      owners.set(other, minus(paths, lost))
    }
    const dropped = [...(owners.get(manager) ?? [])].filter((path) => !mine.has(path) && !others.some(([other]) => holds(owners.get(other) ?? new Set(), path)))
    // What lies within something that is wanted is no field of its own.
    const gone = new Set(dropped.filter((path) => !holds(mine, path)))
    owners.set(manager, mine)
    const base = before?.object ?? { apiVersion: config.apiVersion, kind: config.kind, metadata: { name, ...(namespace ? { namespace } : {}) } }
    return this.#commit(type, before, merged(without(base, gone), wanted) as KubeObject, owners, subresource)
  }

  /** A merge patch. */
  patch(type: ResourceType, namespace: string | undefined, name: string, body: unknown, options: Omit<PatchOptions, 'type'> = {}): KubeObject {
    const before = this.#stored(type, namespace, name)
    if (before === undefined) throw failure('PATCH', type, { namespace, name }, 404, 'NotFound')
    const { resourceVersion } = (body as { metadata?: ObjectMeta }).metadata ?? {}
    if (resourceVersion !== undefined && resourceVersion !== before.object.metadata.resourceVersion)
      throw failure('PATCH', type, before.object.metadata, 409, 'Conflict')
    const { subresource, fieldManager = 'teruwa' } = options
    const after = withoutEmptyData(limited(type, before.object, mergePatched(before.object, body) as KubeObject, subresource))
    return this.#commit(type, before, after, updatedOwners(before, after, `${fieldManager} Update${subresource ? ` ${subresource}` : ''}`), subresource)
  }

  /** Deletes, or begins to, where finalizers are to be waited for. Whether it was there. */
  delete(type: ResourceType, namespace: string | undefined, name: string, { uid }: DeleteOptions = {}): boolean {
    const before = this.#stored(type, namespace, name)
    if (before === undefined) return false
    const { object, owners } = before
    if (uid !== undefined && uid !== object.metadata.uid) throw failure('DELETE', type, object.metadata, 409, 'Conflict')
    const { metadata } = object
    if ((metadata.finalizers ?? []).length === 0) this.#remove(type, before)
    else if (metadata.deletionTimestamp === undefined) {
      const generation = metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }
      this.#store(type, before, { ...object, metadata: { ...metadata, ...generation, deletionTimestamp: this.#time() } }, owners)
    }
    return true
  }

  #stored(type: ResourceType, namespace: string | undefined, name: string): Stored | undefined {
    return this.#objects.get(type.plural)?.get(keyOf(namespace, name))
  }

  /** Stores what came of a write, by the rules that hold for every one. */
  #commit(type: ResourceType, before: Stored | undefined, given: KubeObject, owners: ReadonlyMap<string, ReadonlySet<string>>, subresource?: 'status') {
    const object = subresource === undefined ? this.#defaulted(type, given, before?.object) : given
    if (before === undefined) {
      if (type.plural === 'openstackclusters') this.#asRead.add(keyOf(object.metadata.namespace, object.metadata.name))
      const metadata = { ...object.metadata, uid: `uid-${type.plural}-${++this.#uid}`, creationTimestamp: this.#time() }
      return this.#store(type, undefined, { ...object, metadata: { ...metadata, ...(generated.has(type.plural) ? { generation: 1 } : {}) } }, owners)
    }
    const { metadata } = before.object
    const stands = type.plural !== 'openstackclusters' || !this.#asRead.delete(keyOf(metadata.namespace, metadata.name))
    if (stands && isDeepStrictEqual(object, before.object) && sameOwners(owners, before.owners)) return before.object
    const changed = generated.has(type.plural) && !isDeepStrictEqual(countedOf(type, object), countedOf(type, before.object))
    if (changed && type.plural === 'jobs') throw failure('PATCH', type, metadata, 422, 'Invalid')
    const next = { ...object, metadata: { ...object.metadata, ...(changed ? { generation: (metadata.generation ?? 0) + 1 } : {}) } }
    // The write itself is never to be seen then.
    if (metadata.deletionTimestamp !== undefined && (next.metadata.finalizers ?? []).length === 0) return this.#remove(type, before)
    return this.#store(type, before, next, owners)
  }

  #defaulted(type: ResourceType, object: KubeObject, before: KubeObject | undefined): KubeObject {
    if (type.plural === 'openstackclusters') {
      const spec = before !== undefined && isDeepStrictEqual(object.spec, before.spec) ? before.spec : openStackCluster.parse({ spec: object.spec ?? {} }).spec
      return { ...object, spec, status: object.status ?? { observedGeneration: -1 } }
    }
    if (type.plural !== 'services') return object
    const { spec, metadata } = object as { spec?: { type?: string; ports?: readonly { port: number; nodePort?: number }[] }; metadata: ObjectMeta }
    if (spec?.type !== 'NodePort') return object
    const known = (before?.spec as typeof spec)?.ports ?? []
    const nodePort = (port: number) => known.find((each) => each.port === port)?.nodePort ?? this.#nodePort++
    return { ...object, metadata, spec: { ...spec, ports: (spec.ports ?? []).map((port) => ({ ...port, nodePort: port.nodePort ?? nodePort(port.port) })) } }
  }

  #store(type: ResourceType, before: Stored | undefined, given: KubeObject, owners: Stored['owners']): KubeObject {
    const revision = ++this.#revision
    const object = { ...given, metadata: { ...given.metadata, resourceVersion: String(revision) } }
    let objects = this.#objects.get(type.plural)
    if (objects === undefined) this.#objects.set(type.plural, (objects = new Map<string, Stored>()))
    objects.set(keyOf(object.metadata.namespace, object.metadata.name), { object, owners })
    this.#tell(type, { type: before === undefined ? 'ADDED' : 'MODIFIED', object, revision, ...(before ? { old: before.object } : {}) })
    return object
  }

  #remove(type: ResourceType, { object }: Stored): KubeObject {
    const revision = ++this.#revision
    this.#objects.get(type.plural)?.delete(keyOf(object.metadata.namespace, object.metadata.name))
    const last = { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } }
    this.#tell(type, { type: 'DELETED', object: last, old: object, revision })
    return last
  }

  #tell(type: ResourceType, event: ApiEvent): void {
    const events = this.#events.get(type.plural)
    if (events === undefined) this.#events.set(type.plural, [event])
    else events.push(event)
    for (const listener of this.#listeners) listener(type, event)
  }

  /** In whole seconds, as the server has it. */
  #time(): string {
    return `${new Date(this.#now()).toISOString().slice(0, 19)}Z`
  }
}

/** Whether an object has all the labels of a selector, which is `name=value` only. */
export function matches({ metadata }: KubeObject, selector: string | undefined): boolean {
  if (selector === undefined || selector === '') return true
  return selector.split(',').every((term) => {
    const [label = '', value] = term.split('=')
    return metadata.labels?.[label] === value
  })
}

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

function failure(method: string, type: ResourceType, { namespace, name }: Pick<ObjectMeta, 'name' | 'namespace'>, status: number, reason: string): KubeError {
  return new KubeError({ method, path: objectPath(type, namespace, name), status, reason })
}

/** What a write of the object itself sets. */
// oxlint-disable-next-line no-unused-vars -- what is left of an object without its kind
function own({ apiVersion, kind, status, metadata, ...fields }: KubeObject, alsoStatus = false): Record<string, unknown> {
  const kept = Object.fromEntries(Object.entries(metadata).filter(([field, value]) => !ignored.has(field) && value !== undefined))
  return { ...fields, metadata: kept, ...(alsoStatus && status !== undefined ? { status } : {}) }
}

/** A write of the object leaves the status as it is, one of the status all else; nobody but the server sets versions and times. */
function limited(type: ResourceType, before: KubeObject, after: KubeObject, subresource: 'status' | undefined): KubeObject {
  if (subresource === 'status') return { ...before, status: after.status }
  const fixed = Object.fromEntries(Object.entries(before.metadata).filter(([field]) => ignored.has(field)))
  const { status, ...others } = { ...after, metadata: { ...after.metadata, ...fixed } }
  const kept = withStatus.has(type.plural) ? before.status : status
  return { ...(others as KubeObject), ...(kept === undefined ? {} : { status: kept }) }
}

function updatedOwners({ object, owners }: Stored, after: KubeObject, manager: string): Map<string, ReadonlySet<string>> {
  const [old, now] = [fieldsOf({ ...own(object), status: object.status }), fieldsOf({ ...own(after), status: after.status })]
  const set = [...now.keys()].filter((path) => !old.has(path) || !isDeepStrictEqual(old.get(path), now.get(path)))
  const touched = [...set, ...[...old.keys()].filter((path) => !now.has(path))]
  if (touched.length === 0) return new Map(owners)
  const result = new Map([...owners].map(([name, paths]) => [name, minus(paths, touched)]))
  result.set(manager, new Set([...(result.get(manager) ?? []), ...set]))
  return result
}

function minus(paths: ReadonlySet<string>, gone: readonly string[]): ReadonlySet<string> {
  const left = new Set(paths)
  for (const path of gone) left.delete(path)
  return left
}

function sameOwners(a: Stored['owners'], b: Stored['owners']): boolean {
  const sizes = (owners: Stored['owners']) => [...owners].filter(([, paths]) => paths.size > 0)
  const [left, right] = [sizes(a), new Map(sizes(b))]
  return (
    left.length === right.size && left.every(([name, paths]) => paths.size === right.get(name)?.size && [...paths].every((path) => right.get(name)?.has(path)))
  )
}

/** What the generation counts changes of; the server takes a Deployment's annotations for a part of its spec. */
// oxlint-disable-next-line no-unused-vars -- what is left of an object without its status
function countedOf({ plural }: ResourceType, { metadata, status, ...fields }: KubeObject): unknown {
  return plural === 'deployments' ? { ...fields, annotations: metadata.annotations } : fields
}

function withoutEmptyData(object: KubeObject): KubeObject {
  if (object.data === undefined || Object.keys(object.data).length > 0) return object
  const { data: _, ...others } = object
  return others
}
