// JSON schemas for kubeconform, from the API server that the operator is tested against and from our own CRD.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadAll } from 'js-yaml'
import type { RawApi } from '../integration/raw-api.ts'

type Json = Record<string, unknown>

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const record = (value: unknown): Json => (isRecord(value) ? value : {})

/** Where kubeconform finds what `writeSchemas` wrote. */
export const schemaLocation = (folder: string) => join(folder, '{{.Group}}_{{.ResourceAPIVersion}}_{{.ResourceKind}}.json')

/** Writes a schema for each kind of the API server's groups and for each kind of these CRDs. */
export async function writeSchemas(folder: string, api: RawApi, crdFile: string): Promise<void> {
  // kubeconform takes what stands before the slash of apiVersion for the group: `v1` where there is none.
  const write = (group: string, version: string, kind: string, schema: unknown) =>
    writeFile(join(folder, `${group === '' ? version : group}_${version}_${kind.toLowerCase()}.json`), JSON.stringify(schema))
  const get = async (path: string) => record(JSON.parse((await api.request('GET', path)).text))
  for (const [path, entry] of Object.entries(record((await get('/openapi/v3'))['paths']))) {
    if (!/^apis?\/.*v\d/.test(path)) continue
    const components = strict((await get(String(record(entry)['serverRelativeURL'])))['components'])
    for (const [name, schema] of Object.entries(record(record(components)['schemas']))) {
      const kinds = record(schema)['x-kubernetes-group-version-kind']
      // Options of requests stand for many kinds; they are none of a manifest.
      if (!Array.isArray(kinds) || kinds.length !== 1) continue
      const { group, version, kind } = record(kinds[0])
      await write(String(group), String(version), String(kind), { $ref: `#/components/schemas/${name}`, components })
    }
  }
  for (const { spec } of loadAll(await readFile(crdFile, 'utf8')).map(record)) {
    const { group, names, versions } = record(spec)
    for (const version of Array.isArray(versions) ? versions.map(record) : []) {
      const schema = record(record(version['schema'])['openAPIV3Schema'])
      // A CRD says of metadata only what it asks besides the usual.
      const properties = { ...record(record(strict(schema))['properties']), metadata: record(schema['properties'])['metadata'] }
      await write(String(group), String(version['name']), String(record(names)['kind']), { ...schema, properties, additionalProperties: false })
    }
  }
}

/** The same schema, where a field that is not listed is a mistake: OpenAPI lets it pass. */
export function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict)
  if (!isRecord(schema)) return schema
  const copy: Json = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, strict(value)]))
  const open = copy['additionalProperties'] !== undefined || copy['x-kubernetes-preserve-unknown-fields'] === true
  // A field may be called `properties`, too: only beside a type it is the keyword.
  if (copy['type'] === 'object' && isRecord(copy['properties']) && !open) copy['additionalProperties'] = false
  return copy
}
