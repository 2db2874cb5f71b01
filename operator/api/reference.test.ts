import assert from 'node:assert/strict'
import { test } from 'node:test'
import { reference } from './reference.ts'
import type { Schema } from './crd.ts'

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: 'What is wanted.',
      required: ['name'],
      properties: {
        name: { type: 'string', description: 'A name, `a|b`.' },
        ports: {
          type: 'array',
          default: [],
          description: 'Ports.',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: {
            type: 'object',
            'x-kubernetes-validations': [{ rule: 'self.a < self.b', message: 'ports[].a: must be less than b' }],
            properties: { a: { type: 'integer', minimum: 1, maximum: 9, default: 3, description: 'First.' } },
          },
        },
      },
    },
    status: { type: 'object', properties: {} },
  },
}

const hypervisor: Schema = {
  type: 'object',
  description: 'A node.',
  properties: { spec: { type: 'object' }, status: { type: 'object', properties: { state: { type: 'string', description: 'How it is.' } } } },
}

test('the other kind comes after it', () => {
  assert.match(
    reference(schema, hypervisor),
    /# Hypervisor\n\nA node\.\n\n## Hypervisor spec\n[\s\S]*## Hypervisor status\n[\s\S]*\| `state` \| string \|  \| How it is\. \|/,
  )
})

test('each object has a table with type, default and meaning of each field', () => {
  const lines = reference(schema, hypervisor).split('\n')
  assert.ok(lines.includes('## spec'))
  assert.ok(lines.includes('| `name` | string | **required** | A name, `a\\|b`. |'))
  assert.ok(lines.includes('| `ports` | list of object by name | `[]` | Ports. |'))
  assert.ok(lines.includes('## spec.ports[]'))
  assert.ok(lines.includes('| `a` | integer 1–9 | `3` | First. |'))
})

test('what CEL refuses is listed with the object', () => {
  assert.match(reference(schema, hypervisor), /## spec\.ports\[\]\n\nRefused with:\n- ports\[\]\.a: must be less than b\n/)
})
