// spec.services, spec.overrides and spec.policies: put together from what the services say of themselves, when the CRD is made.

import { z } from 'zod'
import * as registry from '../../services/index.ts'
import * as fields from './fields.ts'
import type { ServiceApi, ServiceSpec } from './service.ts'

type Registry = typeof registry

/** Name of a service, as in `spec.services`. */
export type ServiceName = keyof Registry
type Having<Fact> = { [Name in ServiceName]: Registry[Name] extends Fact ? Name : never }[ServiceName]

const apis: readonly ServiceApi[] = Object.values(registry)

/** A schema for each service, by its name. */
function byName(schema: (api: ServiceApi) => z.ZodType | undefined): Readonly<Record<string, z.ZodType>> {
  return Object.fromEntries(
    apis.flatMap((api) => {
      const made = schema(api)
      return made === undefined ? [] : [[api.name, made]]
    }),
  )
}

// The compiler cannot see through byName: what it makes is said at each of the three.

/** `z.object({})` with a default: all of its fields have one. */
type Defaulted<T> = z.ZodPrefault<z.ZodType<T>>

export const services = z.object(byName(serviceSchema) as { [Name in ServiceName]: Defaulted<ServiceSpec<Registry[Name]>> })

function serviceSchema({ title, purpose, optional, replicas, fields: own, rules }: ServiceApi): z.ZodType {
  const schema = z.object({
    ...(optional === undefined ? {} : { enabled: fields.optional(optional) }),
    replicas: fields.replicas(replicas),
    ...own?.(fields),
    resources: fields.resources(),
  })
  return (rules === undefined ? schema : schema.meta(fields.rules(...rules))).prefault({}).describe(`${title}: ${purpose}`)
}

const configFiles = (files: readonly string[], where = 'overrides') =>
  fields
    .map(fields.map(fields.map(z.string().max(4096), 64), 32), 8)
    .meta(
      fields.rules({
        rule: `self.all(f, f in [${files.map((f) => `'${f}'`).join(', ')}])`,
        message: `${where}: unknown file; this service has ${files.join(', ')}`,
      }),
    )
    .optional()
    .describe(`Options by file and section. Files: ${files.map((f) => `\`${f}\``).join(', ')}.`)

export const overrides = z.object(
  byName(({ files }) => (files.length === 0 ? undefined : configFiles(files))) as {
    [Name in Having<{ readonly files: readonly [string, ...string[]] }>]: ReturnType<typeof configFiles>
  },
)

/** What `nodeOverrides` says of nodes besides files. */
const nodes = {
  name: fields.objectName().describe('Name of the entry, for messages.'),
  nodeSelector: fields
    .map(z.string().max(63), 16)
    .meta(fields.rules({ rule: 'size(self) > 0', message: 'nodeOverrides: nodeSelector needs a label; what is for all nodes belongs into overrides' }))
    .describe('Labels that a node must have, all of them.'),
}

export const nodeOverrides = fields.mapList(
  z.object({
    ...nodes,
    ...(byName(({ nodeFiles }) => (nodeFiles === undefined ? undefined : configFiles(nodeFiles, 'nodeOverrides'))) as {
      [Name in Having<{ readonly nodeFiles: readonly string[] }>]: ReturnType<typeof configFiles>
    }),
  }),
  32,
  'name',
)

const policyRules = (title: string, example: string) =>
  fields.map(z.string().max(4096), 256).optional().describe(`Policies of ${title}: rules of oslo.policy, by name. Example: \`${example}\`.`)

export const policies = z.object(
  byName(({ title, policyExample }) => (policyExample === undefined ? undefined : policyRules(title, policyExample))) as {
    [Name in Having<{ readonly policyExample: string }>]: ReturnType<typeof policyRules>
  },
)

/** Backing services stay as long as a service needs them. */
export const backingRules: readonly fields.Rule[] = apis.flatMap(({ name, optional }) =>
  Object.entries(optional?.needs ?? {}).map(([backing, why]) => ({
    rule: `!self.services.${name}.enabled || self.backing.${backing}.enabled`,
    message: `backing.${backing}.enabled: ${why}: leave it on, or set services.${name}.enabled to false first`,
    fieldPath: `.backing.${backing}.enabled`,
  })),
)

/** What has a public endpoint, by the name that `status.endpoints` has. */
export const endpointNames: readonly string[] = apis.flatMap(({ name, endpoints }) =>
  Object.keys(endpoints).map((part, index) => (index === 0 ? name : `${name}-${part}`)),
)
