import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadAll } from 'js-yaml'
import { serviceObjects } from '../operator/cluster/foundation.ts'
import { clusterOf, EVERYTHING } from '../operator/cluster/test-world.ts'

interface Policy {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly ingress: readonly { readonly from?: unknown; readonly ports?: readonly { readonly port: number }[] }[] }
}

test('the policies let everybody reach the services that people use, and no other', async () => {
  const documents = loadAll(await readFile(join(import.meta.dirname, '../manifests/network-policies.yaml'), 'utf8')) as Policy[]
  const cloud = documents.find(({ metadata }) => metadata.name === 'teruwa-cloud')
  const open = cloud?.spec.ingress.filter(({ from }) => from === undefined).flatMap(({ ports = [] }) => ports.map(({ port }) => port))
  const { metadata, spec } = clusterOf(EVERYTHING)
  const services = serviceObjects({ ...metadata, spec }).map((service) => service['spec'] as { type?: string; ports: { port: number }[] })
  const used = services.filter(({ type }) => type === 'NodePort').flatMap(({ ports }) => ports.map(({ port }) => port))
  assert.ok(used.length > 8, `${used.length} ports are used by people`)
  assert.deepEqual(
    open?.toSorted((a, b) => a - b),
    used.toSorted((a, b) => a - b),
  )
})
