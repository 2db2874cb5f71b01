import { readFile } from 'node:fs/promises'
import { loadAll } from 'js-yaml'
import type { Cidr } from '../cidr.ts'
import { formatAddress, formatCidr, parseAddress, parseCidr } from '../cidr.ts'

/** An object of a manifest; what is below `metadata` is read where it is needed. */
export interface ManifestObject {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly spec?: unknown
}

/** The cloud that a manifest declares. */
export interface DeclaredCloud {
  readonly name: string
  readonly namespace: string
  /** The users that it declares, in order. */
  readonly users: readonly string[]
  readonly servers: readonly string[]
}

/** The objects of a manifest. */
export async function readManifest(file: string): Promise<ManifestObject[]> {
  const documents = loadAll(await readFile(file, 'utf8'), { filename: file })
  return documents.filter((document) => document !== null && document !== undefined).map((document) => asObject(document, file))
}

function asObject(document: unknown, file: string): ManifestObject {
  const { kind, metadata } = record(document)
  const { name } = record(metadata)
  if (typeof kind !== 'string' || typeof name !== 'string') throw new Error(`${file} holds a document without kind or metadata.name`)
  return document as ManifestObject
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}

function names(list: unknown): string[] {
  return Array.isArray(list) ? list.flatMap((each) => [record(each)['name']]).filter((name) => typeof name === 'string') : []
}

/** The one OpenStackCluster of a manifest. */
export function declaredCloud(objects: readonly ManifestObject[], file: string): DeclaredCloud {
  const clouds = objects.filter(({ kind }) => kind === 'OpenStackCluster')
  const [cloud] = clouds
  if (!cloud || clouds.length > 1) throw new Error(`${file} holds ${clouds.length} objects of kind OpenStackCluster: expected one`)
  const { identity, bootstrap } = record(cloud.spec)
  return {
    name: cloud.metadata.name,
    namespace: cloud.metadata.namespace ?? 'default',
    users: names(record(identity)['users']),
    servers: names(record(bootstrap)['servers']),
  }
}

/**
 * The same objects with the provider network in another range: every address in `from` and the range itself are moved, wherever they stand.
 * Addresses of the new range that do not exist are refused.
 */
export function moveRange<T>(value: T, from: Cidr, to: Cidr): T {
  if (formatCidr(from) === formatCidr(to)) return value
  return moved(value, from, to) as T
}

function moved(value: unknown, from: Cidr, to: Cidr): unknown {
  if (Array.isArray(value)) return value.map((each) => moved(each, from, to))
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, moved(each, from, to)]))
  if (typeof value !== 'string') return value
  if (value === formatCidr(from)) return formatCidr(to)
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(value)) return value
  const index = parseAddress(value) - from.base
  if (index < 0 || index >= 2 ** (32 - from.prefix)) return value
  if (index >= 2 ** (32 - to.prefix)) throw new Error(`${formatCidr(to)} has no place for ${value} of ${formatCidr(from)}: take a range that is as wide`)
  return formatAddress(to.base + index)
}

/** The course's provider network: the one that manifests/cluster.yaml is written for. */
export const COURSE_PROVIDER: Cidr = parseCidr('192.168.0.0/23')
