// A CustomResourceDefinition as YAML. In js-yaml's usual style half of it is indentation.

import { COLLECTION_STYLE, dump } from 'js-yaml'
import type { Document, Node } from 'js-yaml'
import type { Schema } from './crd.ts'

/** Longest description of more than one sentence. */
const BRIEF = 80

/** The text of a definition: a field without fields below it is one line. */
export function definitionYaml(definition: object): string {
  return dump(definition, { lineWidth: -1, noRefs: true, seqNoIndent: true, indent: 1, transform: compact })
}

function compact(documents: Document[]): void {
  for (const { contents } of documents) if (contents !== null) flatten(contents, '')
}

/** Of these, each element has a line of its own, however little it says. */
const listed = new Set(['properties', 'additionalPrinterColumns', 'x-kubernetes-validations'])

/** Puts what is the value of `name` into one line, unless something below it has lines of its own. Returns whether it is one line. */
function flatten(node: Node, name: string): boolean {
  if (node.kind === 'scalar' || node.kind === 'alias') return true
  const short =
    node.kind === 'sequence'
      ? node.items.map((item) => flatten(item, ''))
      : node.items.map(({ key, value }) => flatten(value, key.kind === 'scalar' ? key.value : ''))
  if (listed.has(name) || short.includes(false)) return false
  node.style = COLLECTION_STYLE.FLOW
  return true
}

/**
 * A schema as the CRD holds it, for `kubectl explain`: of a long description the first sentences. docs/reference.md has all of them. A field always
 * keeps one, and one with a choice all of them: they tell what each means.
 */
export function brief(schema: Schema): Schema {
  const { description, enum: choice, properties, items, additionalProperties } = schema
  return {
    ...schema,
    ...(description === undefined || choice !== undefined ? {} : { description: firstSentences(description) }),
    ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, brief(property)])) } : {}),
    ...(items ? { items: brief(items) } : {}),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: brief(additionalProperties) } : {}),
  }
}

function firstSentences(text: string): string {
  const [first = '', ...others] = text.split(/(?<=\.)\s+(?=[A-Z`])/)
  let result = first
  for (const sentence of others) {
    if (result.length + 1 + sentence.length > BRIEF) break
    result += ` ${sentence}`
  }
  return result
}
