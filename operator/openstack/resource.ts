import { isDeepStrictEqual } from 'node:util'
import type { Change } from './change.ts'
import { DeclarationError, isStatus } from './error.ts'
import type { Session } from './session.ts'

/** A collection of one of the services' APIs, e.g. Keystone's projects. */
export interface Collection {
  /** Type of the service. */
  readonly service: string
  /** e.g. `/projects` */
  readonly path: string
  /** Field that wraps one element in requests and answers, e.g. `project`. */
  readonly singular: string
  /** Field of the list's answer, e.g. `projects`. */
  readonly plural: string
  /** Method that changes some fields of an element. */
  readonly update: 'PATCH' | 'PUT'
  /** For people, where `singular` is no word: `security group`. */
  readonly kind?: string
}

/** An element as its service lists it. */
export interface Listed {
  readonly id: string
  readonly [field: string]: unknown
}

/** An element as it shall be. A field that is undefined is not cared for. */
export interface Wanted {
  /** For people. */
  readonly name: string
  /** What tells it from its siblings: an element whose fields equal all of these is it. */
  readonly key: Readonly<Record<string, unknown>>
  /** Fields that are sent when it is made, and changed where they differ. */
  readonly fields: Readonly<Record<string, unknown>>
  /** Fields that are sent when it is made and that the service cannot change later. */
  readonly fixed?: Readonly<Record<string, unknown>>
  /** Fields that are sent when it is made and not looked at later. */
  readonly initial?: Readonly<Record<string, unknown>>
}

/** What is to be done for one element. */
export type Action =
  | { readonly do: 'create'; readonly wanted: Wanted; readonly body: Record<string, unknown> }
  | { readonly do: 'update'; readonly wanted: Wanted; readonly id: string; readonly body: Record<string, unknown> }
  | { readonly do: 'nothing'; readonly wanted: Wanted; readonly id: string }

/** Compares what is wanted with what is there. Pure. Throws a DeclarationError where a fixed field differs or a key fits several elements. */
export function planActions(kind: string, wants: readonly Wanted[], listed: readonly Listed[]): Action[] {
  return wants.map((wanted) => {
    const [found, ...others] = listed.filter((element) => Object.keys(changedFields(wanted.key, element)).length === 0)
    if (found === undefined) return { do: 'create', wanted, body: defined({ ...wanted.key, ...wanted.fields, ...wanted.fixed, ...wanted.initial }) }
    if (others.length > 0) {
      throw new DeclarationError(
        'Ambiguous',
        `there are ${others.length + 1} of ${kind} ${wanted.name}, with the ids ${[found, ...others].map(({ id }) => id).join(', ')}: delete or rename all but one`,
      )
    }
    refuseFixed(kind, wanted, found)
    const body = changedFields(wanted.fields, found)
    return Object.keys(body).length === 0 ? { do: 'nothing', wanted, id: found.id } : { do: 'update', wanted, id: found.id, body }
  })
}

function refuseFixed(kind: string, { name, fixed = {} }: Wanted, found: Listed): void {
  for (const [field, value] of Object.entries(changedFields(fixed, found))) {
    throw new DeclarationError(
      'ImmutableField',
      `${kind} ${name}: ${field} is ${JSON.stringify(found[field] ?? null)} and cannot be changed to ${JSON.stringify(value)}; delete the ${kind} or declare it as it is`,
    )
  }
}

/** The fields of `want` whose value in `have` is another. Services give null for what is not set, and so does a missing field. */
export function changedFields(want: Readonly<Record<string, unknown>>, have: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(want).filter(([field, value]) => value !== undefined && !isDeepStrictEqual(value, have[field] ?? null)))
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/**
 * Makes a collection hold what is wanted, all elements side by side. Returns their ids in the order of the wants. Throws a DeclarationError where the
 * service says that an element cannot be as it is wanted (400).
 */
export async function converge(
  session: Session,
  collection: Collection,
  wants: readonly Wanted[],
  listed: readonly Listed[],
  changes: Change[],
  signal?: AbortSignal,
): Promise<string[]> {
  const actions = planActions(kindOf(collection), wants, listed)
  const acts = actions.map((action) => act(session, collection, action, changes, signal).catch((error: unknown) => refuse(kindOf(collection), action, error)))
  // Nothing may still be under way when the caller hears of a failure and looks again.
  await Promise.allSettled(acts)
  return Promise.all(acts)
}

/** To ask again would bring the same answer. */
function refuse(kind: string, { wanted }: Action, error: unknown): never {
  if (!isStatus(error, 400)) throw error
  throw new DeclarationError('Refused', `${kind} ${wanted.name}: ${error.service} refuses it: ${error.detail ?? error.message}`, { cause: error })
}

async function act(session: Session, collection: Collection, action: Action, changes: Change[], signal?: AbortSignal): Promise<string> {
  const { service, path, singular, update } = collection
  const kind = kindOf(collection)
  const { name } = action.wanted
  switch (action.do) {
    case 'nothing':
      return action.id
    case 'update':
      await session.request(service, update, `${path}/${encodeURIComponent(action.id)}`, { json: { [singular]: action.body }, signal })
      changes.push({ action: 'updated', kind, name, fields: Object.keys(action.body) })
      return action.id
    case 'create': {
      const answer = await session.request<Record<string, Listed | undefined> | undefined>(service, 'POST', path, { json: { [singular]: action.body }, signal })
      const id = answer?.[singular]?.id
      if (id === undefined) throw new Error(`${service}: the answer to POST ${path} has no ${singular}.id`)
      changes.push({ action: 'created', kind, name })
      return id
    }
    default:
      throw new TypeError(`unknown action ${JSON.stringify(action satisfies never)}`)
  }
}

/** Deletes an element. One that is gone already is no change. */
export async function remove(session: Session, collection: Collection, id: string, name: string, changes: Change[], signal?: AbortSignal): Promise<void> {
  try {
    await session.request(collection.service, 'DELETE', `${collection.path}/${encodeURIComponent(id)}`, { signal })
  } catch (error) {
    if (isStatus(error, 404)) return
    throw error
  }
  changes.push({ action: 'deleted', kind: kindOf(collection), name })
}

/** All elements of a collection. */
export function listAll(
  session: Session,
  { service, path, plural }: Collection,
  query: Readonly<Record<string, string | boolean | undefined>> = {},
  signal?: AbortSignal,
): Promise<Listed[]> {
  return session.list<Listed>(service, path, plural, { query, signal })
}

function kindOf({ kind, singular }: Collection): string {
  return kind ?? singular
}
