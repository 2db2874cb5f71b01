// From the zod schema to a CustomResourceDefinition with a structural schema.

import { z } from 'zod'
import { brief } from './definition-yaml.ts'
import { hypervisor } from './v1alpha1/hypervisor.ts'
import { apiVersion, category, group, hypervisorKind, hypervisorPlural, kind, plural, shortName, singular, version } from './v1alpha1/index.ts'
import { openStackCluster } from './v1alpha1/schema.ts'

/** A JSON schema as apiextensions.k8s.io/v1 takes it (JSONSchemaProps), as far as ours goes. */
export interface Schema {
  type?: string
  format?: string
  description?: string
  default?: unknown
  enum?: unknown[]
  pattern?: string
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  maxProperties?: number
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  additionalProperties?: Schema | boolean
  anyOf?: Schema[]
  propertyNames?: Schema
  'x-kubernetes-int-or-string'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
  'x-kubernetes-validations'?: { rule: string; message?: string }[]
}

/** Of metadata, a CRD may say something about the name only. Ours is the beginning of the names of Services, which are DNS labels of 63 characters. */
const clusterName: Schema = { type: 'string', maxLength: 32, pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$' }

/** The structural schema of an OpenStackCluster. */
export function structuralSchema(): Schema {
  return withMetadata(openStackCluster, kind, { name: clusterName })
}

/** The structural schema of a Hypervisor. */
export function hypervisorSchema(): Schema {
  return withMetadata(hypervisor, hypervisorKind)
}

function withMetadata(shape: z.ZodType, kindName: string, metadata?: Record<string, Schema>): Schema {
  const { properties, ...rest } = mend(z.toJSONSchema(shape, { target: 'openapi-3.0', io: 'input' }) as Schema)
  return {
    ...rest,
    properties: {
      apiVersion: { type: 'string', description: `\`${apiVersion}\`.` },
      kind: { type: 'string', description: `\`${kindName}\`.` },
      metadata: { type: 'object', ...(metadata ? { properties: metadata } : {}) },
      ...properties,
    },
  }
}

/**
 * Mends what zod writes and a structural schema must not hold: the bounds of JavaScript's integers, a type of keys, and the types of an
 * int-or-string.
 */
export function mend(schema: Schema): Schema {
  const { propertyNames: _, anyOf, ...rest } = schema
  const result: Schema = rest
  if (result.minimum === Number.MIN_SAFE_INTEGER) delete result.minimum
  if (result.maximum === Number.MAX_SAFE_INTEGER) delete result.maximum
  if (result['x-kubernetes-int-or-string']) {
    const text = anyOf?.find((option) => option.type === 'string')
    // The types go without saying; pattern and maxLength say nothing about an integer.
    Object.assign(result, { pattern: text?.pattern, maxLength: text?.maxLength })
  } else if (anyOf) throw new Error(`a structural schema can express a union of int and string only, not ${JSON.stringify(anyOf)}`)
  if (result.properties) result.properties = Object.fromEntries(Object.entries(result.properties).map(([name, property]) => [name, mend(property)]))
  if (result.items) result.items = mend(result.items)
  if (typeof result.additionalProperties === 'object') result.additionalProperties = mend(result.additionalProperties)
  else delete result.additionalProperties
  // The API server tries the CEL rules on a default before it fills in the defaults below it.
  if (result['x-kubernetes-validations'] && result.properties && result.default !== undefined) result.default = defaults(result)
  return result
}

/** The value that the API server makes of an object of which nothing is given. */
function defaults(schema: Schema): unknown {
  if (!schema.properties || schema.default === undefined) return schema.default
  return Object.fromEntries(
    Object.entries(schema.properties).flatMap(([name, property]) => {
      const value = defaults(property)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

const column = (name: string, jsonPath: string, description: string, more: object = {}) => ({ name, type: 'string', jsonPath, description, ...more })

const age = { ...column('Age', '.metadata.creationTimestamp', 'Time since it was made.'), type: 'date' }

/** The whole CustomResourceDefinition of the OpenStackCluster. */
export const crd = () =>
  definition({ kind, plural, singular, shortName }, structuralSchema(), [
    column('Ready', '.status.conditions[?(@.type=="Ready")].status', 'Whether the cloud can be used.'),
    column('Reason', '.status.conditions[?(@.type=="Ready")].reason', 'Why it is or is not ready.'),
    column('Release', '.spec.release', 'OpenStack release.'),
    column('Hypervisors', '.status.hypervisors.summary', 'Hypervisors that are up, of those that are labelled.'),
    column('Message', '.status.conditions[?(@.type=="Ready")].message', 'What it waits for.', { priority: 1 }),
    age,
  ])

/** The whole CustomResourceDefinition of the Hypervisor. */
export const hypervisorCrd = () =>
  definition({ kind: hypervisorKind, plural: hypervisorPlural, singular: 'hypervisor', shortName: 'oshv' }, hypervisorSchema(), [
    column('State', '.status.state', 'Whether it runs guests, and if not, why.'),
    { ...column('VMs', '.status.servers', 'Guests on it.'), type: 'integer' },
    column('vCPUs', '.status.vcpus.summary', 'Virtual processors that guests have, of those that there are.'),
    column('Memory', '.status.memory.summary', 'Memory that guests have, of what there is.'),
    column('Agents', '.status.agentsSummary', 'Agents that are alive, of those that it runs.'),
    column('Cluster', '.spec.cluster', 'The OpenStackCluster that it belongs to.', { priority: 1 }),
    column('Since', '.status.since', 'Since when it has been in this state.', { priority: 1 }),
    column('Message', '.status.message', 'What is wrong with it.', { priority: 1 }),
    age,
  ])

interface Names {
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortName: string
}

const definition = ({ shortName: short, ...names }: Names, openAPIV3Schema: Schema, additionalPrinterColumns: readonly object[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${names.plural}.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: names.kind, listKind: `${names.kind}List`, plural: names.plural, singular: names.singular, shortNames: [short], categories: [category] },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        subresources: { status: {} },
        additionalPrinterColumns,
        schema: { openAPIV3Schema: brief(openAPIV3Schema) },
      },
    ],
  },
})
