// Who has set which field of an object: as much of server-side apply as the operator relies on.

type Fields = Readonly<Record<string, unknown>>

/** Lists whose elements are told apart by fields, by the list's name; the first set of fields that all elements have counts. All other lists are one value. */
const listKeys: Readonly<Record<string, readonly (readonly string[])[]>> = {
  containers: [['name']],
  initContainers: [['name']],
  volumes: [['name']],
  env: [['name']],
  imagePullSecrets: [['name']],
  volumeMounts: [['mountPath']],
  ports: [
    ['containerPort', 'protocol'],
    ['port', 'protocol'],
  ],
  ownerReferences: [['uid']],
  conditions: [['type']],
  endpoints: [['service']],
  services: [['name']],
  steps: [['id']],
  silent: [['node']],
  clocks: [['node']],
  servers: [['id']],
}
const sets = new Set(['finalizers'])
/** Maps that are one value. */
const atomic = new Set(['selector', 'nodeSelector'])

/** What parts one step of a path from the next; no name of a field has it. */
const SEPARATOR = '\u0000'
/** The value of an element of a list, as far as it is there at all. */
const PRESENT = true

/** Every field of a value with what it holds, by path; for an element of a list there is a path of its own, too. */
export function fieldsOf(value: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>()
  if (isFields(value)) collectFields(value, '', found)
  return found
}

function collectFields(value: Fields, path: string, found: Map<string, unknown>): void {
  for (const [field, inner] of Object.entries(value)) if (inner !== undefined) collect(inner, path + SEPARATOR + field, field, found)
}

function collect(value: unknown, path: string, field: string, found: Map<string, unknown>): void {
  const keyOf = Array.isArray(value) ? elementKey(field, value) : undefined
  if (Array.isArray(value) && keyOf !== undefined) {
    for (const element of value) {
      const inner = path + SEPARATOR + keyOf(element)
      found.set(inner, PRESENT)
      if (isFields(element)) collectFields(element, inner, found)
    }
  } else if (isFields(value) && !isAtomic(value, field) && Object.keys(value).length > 0) collectFields(value, path, found)
  else found.set(path, value)
}

/** A live value with all that was applied set in it. */
export function merged(live: unknown, applied: unknown, field = ''): unknown {
  if (isFields(live) && isFields(applied) && !isAtomic(applied, field)) {
    const result: Record<string, unknown> = { ...live }
    for (const [name, value] of Object.entries(applied)) if (value !== undefined) result[name] = merged(live[name], value, name)
    return result
  }
  const both = Array.isArray(live) && Array.isArray(applied) ? { live: live as readonly unknown[], applied: applied as readonly unknown[] } : undefined
  const keyOf = both && elementKey(field, [...both.live, ...both.applied], true)
  if (both === undefined || keyOf === undefined) return applied
  return mergedLists(both.live, both.applied, keyOf)
}

/** In the order of the applied list; what only the live one has keeps its place before what follows it there (structured-merge-diff, typed/merge.go). */
function mergedLists(live: readonly unknown[], applied: readonly unknown[], keyOf: KeyOf): unknown[] {
  const [liveByKey, appliedKeys] = [new Map(live.map((element) => [keyOf(element), element])), new Set(applied.map(keyOf))]
  const shared = applied.map(keyOf).filter((key) => liveByKey.has(key))
  const result: unknown[] = []
  const done = new Set<string>()
  const take = (element: unknown): void => {
    const key = keyOf(element)
    done.add(key)
    if (shared[0] === key) shared.shift()
    result.push(liveByKey.has(key) ? merged(liveByKey.get(key), element) : element)
  }
  for (let [left, right] = [0, 0]; left < live.length || right < applied.length;) {
    const key = left < live.length ? keyOf(live[left]) : undefined
    if (key !== undefined && right < applied.length && key === keyOf(applied[right])) {
      take(applied[right++])
      left += 1
    } else if (key !== undefined && !appliedKeys.has(key)) result.push(live[left++])
    else if (key !== undefined && (done.has(key) || (right < applied.length && shared[0] !== key))) left += 1
    else take(applied[right++])
  }
  return result
}

/** A value without the fields of these paths. A map or list that loses its last field with it goes as well. */
export function without(value: unknown, gone: ReadonlySet<string>): unknown {
  return gone.size === 0 || !isFields(value) ? value : (pruneFields(value, '', gone) ?? {})
}

function pruneFields(value: Fields, path: string, gone: ReadonlySet<string>): Fields | undefined {
  let changed = false
  const result: Record<string, unknown> = {}
  for (const [field, inner] of Object.entries(value)) {
    const left = prune(inner, path + SEPARATOR + field, field, gone)
    if (left !== inner) changed = true
    if (left !== undefined) result[field] = left
  }
  if (!changed) return value
  return Object.keys(result).length === 0 ? undefined : result
}

function prune(value: unknown, path: string, field: string, gone: ReadonlySet<string>): unknown {
  if (gone.has(path)) return undefined
  if (isFields(value) && !isAtomic(value, field)) return pruneFields(value, path, gone)
  const keyOf = Array.isArray(value) ? elementKey(field, value) : undefined
  if (!Array.isArray(value) || keyOf === undefined) return value
  const left = value.flatMap((element) => {
    const inner = path + SEPARATOR + keyOf(element)
    if (gone.has(inner)) return []
    const kept = isFields(element) ? pruneFields(element, inner, gone) : element
    return kept === undefined ? [] : [kept]
  })
  return left.length === value.length && left.every((element, index) => element === value[index]) ? value : left.length === 0 ? undefined : left
}

/** Whether one of the paths is this one or lies within it. */
export function holds(paths: ReadonlySet<string>, path: string): boolean {
  if (paths.has(path)) return true
  for (const each of paths) if (each.startsWith(path + SEPARATOR)) return true
  return false
}

type KeyOf = (element: unknown) => string

function elementKey(field: string, elements: readonly unknown[], both = false): KeyOf | undefined {
  if (sets.has(field)) return String
  const keys = listKeys[field]?.find((names) => elements.every((element) => isFields(element) && names.every((name) => element[name] !== undefined)))
  if (keys === undefined) return undefined
  const keyOf: KeyOf = (element) => keys.map((name) => String((element as Fields)[name])).join(',')
  return both || new Set(elements.map(keyOf)).size === elements.length ? keyOf : undefined
}

/** A selector of a workload has fields of its own, and is one value all the same. */
function isAtomic(value: Fields, field: string): boolean {
  return atomic.has(field) && Object.keys(value).length > 0
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** RFC 7386, but for maps that nothing would be in: most kinds do not keep them. */
export function mergePatched(value: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch
  const result: Record<string, unknown> = isFields(value) ? { ...value } : {}
  for (const [field, inner] of Object.entries(patch)) {
    if (inner === null) delete result[field]
    else if (inner !== undefined) {
      const patched = mergePatched(result[field], inner)
      if (result[field] !== undefined || !isFields(patched) || Object.keys(patched).length > 0) result[field] = patched
    }
  }
  return result
}
