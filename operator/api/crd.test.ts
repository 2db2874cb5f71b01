import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { chartValues } from './chart.ts'
import { crd, hypervisorCrd, hypervisorSchema, mend, structuralSchema } from './crd.ts'
import { brief, definitionYaml } from './definition-yaml.ts'
import type { Schema } from './crd.ts'
import { generated, root } from './generated.ts'

/** Each schema of the tree with its path. */
function* walk(schema: Schema, path: string): Generator<[string, Schema]> {
  yield [path, schema]
  for (const [name, property] of Object.entries(schema.properties ?? {})) yield* walk(property, `${path}.${name}`)
  if (schema.items) yield* walk(schema.items, `${path}[]`)
  if (typeof schema.additionalProperties === 'object') yield* walk(schema.additionalProperties, `${path}.*`)
}

const all = [...walk(structuralSchema(), ''), ...walk(hypervisorSchema(), '')]
const ours = all.filter(([path]) => path.startsWith('.spec') || path.startsWith('.status'))

test('no generated file is stale', async () => {
  for (const [path, content] of Object.entries(await generated())) {
    const committed = await readFile(join(root, path), 'utf8').catch(() => '')
    assert.ok(committed === content, `${path} is stale: npm run generate`)
  }
})

test('every field is documented', () => {
  const undocumented = ours.filter(([path, schema]) => !path.endsWith('[]') && !path.endsWith('.*') && !schema.description)
  assert.deepEqual(
    undocumented.map(([path]) => path),
    [],
  )
})

test('every string, list and map has a bound, for the budget of the CEL rules', () => {
  const unbounded = ours.filter(
    ([, { type, enum: values, maxLength, items, maxItems, additionalProperties, maxProperties }]) =>
      (type === 'string' && !values && maxLength === undefined) || (items && maxItems === undefined) || (additionalProperties && maxProperties === undefined),
  )
  assert.deepEqual(
    unbounded.map(([path]) => path),
    [],
  )
})

test('every list says how server-side apply merges it', () => {
  const silent = ours.filter(([, schema]) => schema.items && !schema['x-kubernetes-list-type'])
  assert.deepEqual(
    silent.map(([path]) => path),
    [],
  )
})

test('every CEL rule has a sentence that begins with the name of a field', () => {
  for (const [path, schema] of ours) {
    for (const { rule, message } of schema['x-kubernetes-validations'] ?? []) assert.match(message ?? '', /^[\w.[\]]+: [\w]/, `${path}: ${rule}`)
  }
})

test('a quantity becomes an int-or-string without types, which go without saying', () => {
  const quantity = all.find(([path]) => path === '.spec.services.nova.resources.requests.cpu')?.[1]
  assert.equal(quantity?.['x-kubernetes-int-or-string'], true)
  assert.equal(quantity.anyOf, undefined)
  assert.equal(quantity.type, undefined)
  assert.ok(quantity.pattern)
})

test("JavaScript's bounds of integers are dropped and ours stay", () => {
  assert.deepEqual(mend({ type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), { type: 'integer', minimum: 1 })
})

test('a union that no structural schema can express is refused', () => {
  assert.throws(() => mend({ anyOf: [{ type: 'boolean' }, { type: 'string' }] }), /union of int and string only/)
})

test('the default of an object with CEL rules holds the defaults below it', () => {
  const storage = all.find(([path]) => path === '.spec.services.glance')?.[1]
  assert.deepEqual(storage?.default, { replicas: 1, storage: { size: '10Gi', accessMode: 'ReadWriteOnce' } })
})

/** What `kubectl apply` keeps in an annotation may have 256 KiB; what people read, review and download should have much less. */
const LARGEST = 102_400

test('each CRD is small, as it is written', async () => {
  for (const [path, content] of Object.entries(await generated())) {
    if (!path.startsWith('crds/')) continue
    const size = Buffer.byteLength(content)
    assert.ok(
      size <= LARGEST,
      `${path} has ${size} bytes, ${size - LARGEST} too many: say less in rules and first sentences, share a structure, or take a kind of its own`,
    )
  }
})

test('a CRD is the same in one line a field as in any other style', () => {
  for (const each of [crd(), hypervisorCrd()]) {
    const text = definitionYaml(each)
    assert.deepEqual(load(text), JSON.parse(JSON.stringify(each)))
    assert.ok(text.split('\n').length > [...walk(each.spec.versions[0]?.schema.openAPIV3Schema ?? {}, '')].length / 2, 'each field has a line')
  }
})

test('a long description is cut after a sentence, a short one is whole, and no field is left without one', () => {
  const sentence = `It is ${'very '.repeat(10)}long.`
  const shape = {
    description: `${sentence} It has two.`,
    properties: { a: { description: `${sentence} ${sentence}` }, b: { items: { description: 'Short. As this.' } } },
  }
  assert.deepEqual(brief(shape), {
    description: `${sentence} It has two.`,
    properties: { a: { description: sentence }, b: { items: { description: 'Short. As this.' } } },
  })
  assert.equal(brief({ enum: ['a'], description: `${sentence} ${sentence}` }).description, `${sentence} ${sentence}`, 'each choice is explained')
  for (const [path, { description }] of all) {
    const kept = brief({ description: description ?? '' }).description ?? ''
    assert.ok(description === undefined || kept.length >= 4, `${path} says ${JSON.stringify(kept)}`)
    assert.ok((description ?? '').startsWith(kept), path)
  }
})

test('values.yaml holds the defaults that values.schema.json documents', async () => {
  assert.deepEqual(load(await readFile(join(root, 'charts/teruwa/values.yaml'), 'utf8')), chartValues.parse({}))
})
