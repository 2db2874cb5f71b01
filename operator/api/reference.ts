// From the structural schema to docs/reference.md: a table for each object, a row for each field.

import type { Schema } from './crd.ts'
import { apiVersion, group, hypervisorKind, kind } from './v1alpha1/index.ts'

/** The reference of all fields of both kinds, as Markdown. */
export function reference(schema: Schema, hypervisor: Schema): string {
  return [
    `# ${kind}`,
    '',
    '<!-- Made by `npm run generate` from operator/api/v1alpha1. Do not edit. -->',
    '',
    `\`apiVersion: ${apiVersion}\`, \`kind: ${kind}\`. Every field has a default unless it is marked as required; what is left out is filled in by the API`,
    'server, so that `kubectl get -o yaml` shows what is in force. A field that is not listed here is refused by `kubectl apply`.',
    '',
    ...parts(schema, ''),
    '## Labels of nodes',
    '',
    '| Label | Meaning |',
    '|---|---|',
    `| \`${group}/hypervisor\` | The node runs guests. Any value, an empty one too. |`,
    `| \`${group}/network\` | The node runs the DHCP, L3 and metadata agents. Any value, an empty one too. |`,
    '',
    `# ${hypervisorKind}`,
    '',
    ...(hypervisor.description ? [hypervisor.description, ''] : []),
    ...parts(hypervisor, `${hypervisorKind} `),
  ].join('\n')
}

function parts({ properties: { spec, status } = {} }: Schema, prefix: string): string[] {
  if (!spec || !status) throw new Error('expected spec and status among the properties of the schema')
  return [...section(`${prefix}spec`, spec), ...section(`${prefix}status`, status)]
}

function section(path: string, schema: Schema): string[] {
  const properties = Object.entries(schema.properties ?? {})
  return [
    `## ${path}`,
    '',
    ...(schema.description ? [schema.description, ''] : []),
    ...ruleLines(schema),
    '| Field | Type | Default | Meaning |',
    '|---|---|---|---|',
    ...properties.map(([name, property]) => row(name, property, schema.required?.includes(name) ?? false)),
    '',
    ...properties.flatMap(([name, property]) => {
      const { suffix, element } = descend(property)
      return element.properties ? section(`${path}.${name}${suffix}`, element) : []
    }),
  ]
}

const row = (name: string, schema: Schema, required: boolean): string =>
  `| \`${name}\` | ${typeName(schema)} | ${defaultText(schema, required)} | ${cell(schema.description ?? '')} |`

/** What the API server refuses besides the types: the sentences of the CEL rules of an object. */
function ruleLines(schema: Schema): string[] {
  const sentences = schema['x-kubernetes-validations']?.flatMap(({ message }) => (message ? [`- ${message}`] : [])) ?? []
  return sentences.length > 0 ? ['Refused with:', ...sentences, ''] : []
}

/** Through lists and maps to what they hold. */
function descend(schema: Schema): { suffix: string; element: Schema } {
  const inner = schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined)
  if (!inner) return { suffix: '', element: schema }
  const { suffix, element } = descend(inner)
  return { suffix: `${schema.items ? '[]' : '.<key>'}${suffix}`, element }
}

function typeName(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string']) return 'quantity'
  if (schema.enum) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.items) {
    const keys = schema['x-kubernetes-list-map-keys']
    return `list of ${typeName(schema.items)}${keys ? ` by ${keys.join(', ')}` : ''}`
  }
  if (typeof schema.additionalProperties === 'object') return `map of ${typeName(schema.additionalProperties)}`
  const { minimum, maximum } = schema
  if (schema.format === 'date-time') return 'time'
  const range = minimum === undefined ? '' : maximum === undefined ? ` ≥ ${minimum}` : ` ${minimum}–${maximum}`
  return `${schema.type ?? 'any'}${range}`
}

function defaultText(schema: Schema, required: boolean): string {
  if (required) return '**required**'
  if (schema.default === undefined) return ''
  // An object whose default is {} has its fields' defaults, which have rows of their own.
  if (schema.properties) return ''
  return cell(`\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``)
}

const cell = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll('\n', ' ')
    .replaceAll(/<(\w+)>(?=[^`]*$)/g, '&lt;$1&gt;')
