import { createHash } from 'node:crypto'
import { sameQuantity } from './quantity.ts'
import type { KubeObject } from './types.ts'

/**
 * Annotation with the hash of the object as we last applied it. It shows what a comparison of fields cannot: that a field which we set then
 * is not wanted any more.
 */
export const APPLIED_ANNOTATION = 'openstack.teruwa.io/applied'

/** The object to send: `desired` with the hash of itself. */
export function applied(desired: KubeObject): KubeObject {
  const { metadata } = desired
  return { ...desired, metadata: { ...metadata, annotations: { ...metadata.annotations, [APPLIED_ANNOTATION]: hashOf(plain(desired)) } } }
}

/**
 * The path of the first field of a live object that is not as wanted; `undefined` if nothing is to be written. What only the live object has
 * (defaults of the server, fields of other managers) does not count, unless it was ours and is not wanted any more.
 */
export function differs(desired: KubeObject, live: KubeObject): string | undefined {
  const known = asWanted.get(live)
  if (known?.desired === desired) return undefined
  const text = JSON.stringify(desired)
  const path = known?.text === text ? undefined : difference(desired, live)
  if (path === undefined) asWanted.set(live, { desired, text })
  return path
}

/** Live objects that were as wanted, with what was wanted: nearly every look at a cluster finds both unchanged, and need not compare them again. */
const asWanted = new WeakMap<KubeObject, { readonly desired: KubeObject; readonly text: string }>()

function difference(desired: KubeObject, live: KubeObject): string | undefined {
  for (const [field, value] of Object.entries(plain(desired))) {
    if (field === 'apiVersion' || field === 'kind' || field === 'status') continue
    const path = compare(value, live[field], { path: field, field })
    if (path !== undefined) return path
  }
  return live.metadata.annotations?.[APPLIED_ANNOTATION] === hashOf(plain(desired)) ? undefined : `metadata.annotations[${APPLIED_ANNOTATION}]`
}

/** Without our own annotation, so that it makes no difference whether it has been set. */
function plain(object: KubeObject): KubeObject {
  const { annotations } = object.metadata
  if (annotations?.[APPLIED_ANNOTATION] === undefined) return object
  const others = Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== APPLIED_ANNOTATION))
  return { ...object, metadata: { ...object.metadata, annotations: Object.keys(others).length > 0 ? others : undefined } }
}

/** The first 40 bits of the SHA-256 of an object's JSON, whatever the order of its keys. */
function hashOf(object: KubeObject): string {
  return createHash('sha256').update(sortedJson(object)).digest('hex').slice(0, 10)
}

/** As `JSON.stringify` with the keys in order; every look at a cluster does this to all of its objects. */
function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((element) => sortedJson(element ?? null)).join(',')}]`
  if (!isFields(value)) return JSON.stringify(value)
  let members = ''
  for (const field of Object.keys(value).toSorted()) {
    if (value[field] !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(field)}:${sortedJson(value[field])}`
  }
  return `{${members}}`
}

/** Where in an object a comparison is. */
interface Place {
  readonly path: string
  /** Name of the innermost field, and of the one around it. */
  readonly field: string
  readonly parent?: string
}

type Fields = Readonly<Record<string, unknown>>

function compare(desired: unknown, live: unknown, place: Place): string | undefined {
  if (desired === undefined || desired === null) return undefined
  // Any port that the server likes.
  if (place.field === 'nodePort' && desired === 0) return undefined
  if (live === undefined || live === null) return isAbsent(desired, place) ? undefined : place.path
  if (Array.isArray(desired)) return Array.isArray(live) ? compareLists(desired, live, place) : place.path
  if (isFields(desired)) return isFields(live) ? compareFields(desired, live, place) : place.path
  if (desired === live || (isQuantity(place) && sameQuantity(desired, live))) return undefined
  return place.path
}

function compareFields(desired: Fields, live: Fields, { path, field: parent }: Place): string | undefined {
  for (const [field, value] of Object.entries(desired)) {
    const inner = /^\w+$/.test(field) ? `${path}.${field}` : `${path}[${field}]`
    const found = compare(value, live[field], { path: inner, field, parent })
    if (found !== undefined) return found
  }
  return undefined
}

/**
 * Lists that server-side apply merges by a key: an element that only the live object has belongs to somebody else, and no apply of ours
 * would remove it. By name of the field; the first set of keys that all elements have is used.
 */
const mergeKeys: Readonly<Record<string, readonly string[]>> = {
  containers: ['name'],
  initContainers: ['name'],
  volumes: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  ownerReferences: ['uid'],
}
/** The same for lists of plain values. */
const sets = new Set(['finalizers'])

function compareLists(desired: readonly unknown[], live: readonly unknown[], place: Place): string | undefined {
  if (sets.has(place.field)) return desired.every((value) => live.includes(value)) ? undefined : place.path
  const keyOf = keyOfElements(desired, place)
  if (keyOf === undefined || !isKeyed(live, keyOf)) {
    if (desired.length !== live.length) return place.path
    return first(desired, (element, index) => compare(element, live[index], { ...place, path: `${place.path}[${index}]` }))
  }
  const merged = place.field in mergeKeys || place.field === 'ports'
  if (!merged && desired.length !== live.length) return place.path
  const liveByKey = new Map(live.map((element) => [keyOf(element), element]))
  return first(desired, (element) => {
    const key = keyOf(element)
    const path = `${place.path}[${key}]`
    const other = liveByKey.get(key)
    return other === undefined ? path : compare(element, other, { ...place, path })
  })
}

type KeyOf = (element: unknown) => string | undefined

/** What tells the elements of a list apart; `undefined` where only their order does. */
function keyOfElements(elements: readonly unknown[], { field }: Place): KeyOf | undefined {
  const candidates = field === 'ports' ? [portKey] : [fieldsKey(mergeKeys[field] ?? ['name'])]
  return candidates.find((keyOf) => isKeyed(elements, keyOf))
}

function isKeyed(elements: readonly unknown[], keyOf: KeyOf): boolean {
  const keys = elements.map(keyOf)
  return keys.every((key) => key !== undefined) && new Set(keys).size === keys.length
}

function fieldsKey(names: readonly string[]): KeyOf {
  return (element) => {
    if (!isFields(element)) return undefined
    const values = names.map((name) => element[name])
    return values.every((value) => typeof value === 'string') ? values.join(',') : undefined
  }
}

/** Ports of a container or of a Service. */
const portKey: KeyOf = (element) => {
  if (!isFields(element)) return undefined
  const port = element['containerPort'] ?? element['port']
  return typeof port === 'number' ? `${port}/${typeof element['protocol'] === 'string' ? element['protocol'] : 'TCP'}` : undefined
}

/** Maps from names that are free to values: in them an empty string means something. */
const stringMaps = new Set(['labels', 'annotations', 'matchLabels', 'nodeSelector', 'selector', 'data', 'stringData', 'binaryData', 'parameters'])
/** Fields of which the server does not store `false` or 0. It does store those that are pointers in Go, e.g. `replicas: 0`. */
const omitsFalse = new Set(['hostNetwork', 'hostPID', 'hostIPC', 'stdin', 'stdinOnce', 'tty', 'readOnly', 'paused', 'publishNotReadyAddresses'])
const omitsZero = new Set(['minReadySeconds', 'initialDelaySeconds', 'hostPort'])
/** Where even something empty stands for a choice: `storageClassName: ''` is no class, and not the default one. */
const meansSomethingEmpty = new Set(['storageClassName', 'emptyDir'])

/** Whether the server stores such a value as if it had not been set. */
function isAbsent(value: unknown, { field, parent }: Place): boolean {
  if (meansSomethingEmpty.has(field)) return false
  if (value === undefined || value === null) return true
  if (value === '') return parent === undefined || !stringMaps.has(parent)
  if (value === false) return omitsFalse.has(field)
  if (value === 0) return omitsZero.has(field)
  if (Array.isArray(value)) return value.length === 0
  return isFields(value) && Object.entries(value).every(([inner, each]) => isAbsent(each, { path: '', field: inner, parent: field }))
}

function isQuantity({ field, parent }: Place): boolean {
  return parent === 'requests' || parent === 'limits' || field === 'sizeLimit'
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function first<T>(values: readonly T[], find: (value: T, index: number) => string | undefined): string | undefined {
  for (const [index, value] of values.entries()) {
    const found = find(value, index)
    if (found !== undefined) return found
  }
  return undefined
}
