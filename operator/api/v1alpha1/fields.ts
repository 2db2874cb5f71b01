// Field types that several parts of the schema share. Every string and list has a bound: the API server multiplies the worst case
// of each when it estimates what a CEL rule may cost, and refuses a CRD whose rules could cost too much.

import { z } from 'zod'

export { z }

/** One rule of `x-kubernetes-validations`. */
export interface Rule {
  rule: string
  message?: string
  messageExpression?: string
  /** Where the error points, relative to where the rule stands. */
  fieldPath?: string
  /** FieldValueDuplicate is left out: with it the API server drops the message. */
  reason?: 'FieldValueInvalid' | 'FieldValueForbidden' | 'FieldValueRequired'
  optionalOldSelf?: boolean
}

/** The metadata for CEL rules. */
export const rules = (...list: Rule[]) => ({ 'x-kubernetes-validations': list })

/** A list that server-side apply merges by `keys`, and in which the API server refuses two items with the same keys. */
export const mapList = <T extends z.ZodType>(item: T, maxItems: number, ...keys: string[]) =>
  z.array(item).max(maxItems).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys })

/** A list of scalars without duplicates. */
export const setList = <T extends z.ZodType>(item: T, maxItems: number) => z.array(item).max(maxItems).meta({ 'x-kubernetes-list-type': 'set' })

/** A list that is replaced as a whole. */
export const atomicList = <T extends z.ZodType>(item: T, maxItems: number) => z.array(item).max(maxItems).meta({ 'x-kubernetes-list-type': 'atomic' })

/** A map with free keys. */
export const map = <T extends z.ZodType>(value: T, maxProperties: number) => z.record(z.string(), value).meta({ maxProperties })

/** A name of something in OpenStack: what its services take, no control characters and no space at either end. */
export const openstackName = (maxLength = 64) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\s]([ -~]*[^\s])?$/)

/** A name of an object of Kubernetes. */
export const objectName = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)

const quantityPattern = /^\d+(\.\d+)?(m|k|Ki|[MGTPE]i?)?$/

/** An amount in the notation of Kubernetes: `500m`, `2`, `1Gi`. */
const quantity = () => z.union([z.int(), z.string().max(32).regex(quantityPattern)]).meta({ 'x-kubernetes-int-or-string': true })

const amounts = () =>
  z
    .object({
      cpu: quantity().optional().describe('In cores: `500m` is half a core.'),
      memory: quantity().optional().describe('In bytes: `512Mi`.'),
    })
    .optional()

export const resources = () =>
  z
    .object({
      requests: amounts().describe('What the scheduler sets aside.'),
      limits: amounts().describe('What it may use at most.'),
    })
    .optional()
    .describe("Processor time and memory of each of its containers. One that is set replaces the operator's own figure for that one.")

const storageShape = (size: string) => ({
  size: z.string().max(32).regex(quantityPattern).default(size).describe('Size of the volume, in bytes: `10Gi`. Cannot be changed later.'),
  storageClassName: objectName().optional().describe("StorageClass of the volume. Without it: the cluster's default one. Cannot be changed later."),
})

const storageIsFixed: Rule = {
  rule: 'self.size == oldSelf.size && has(self.storageClassName) == has(oldSelf.storageClassName) && (!has(self.storageClassName) || self.storageClassName == oldSelf.storageClassName)',
  message: 'storage: size and storageClassName cannot be changed after the cluster was made',
  reason: 'FieldValueForbidden',
}

/** A volume of one pod. */
export const storage = (size: string) => z.object(storageShape(size)).meta(rules(storageIsFixed)).prefault({}).describe('The volume that holds its data.')

/** A volume that several pods may share. */
export const sharedStorage = (size: string) =>
  z
    .object({
      ...storageShape(size),
      accessMode: z
        .enum(['ReadWriteOnce', 'ReadWriteMany'])
        .default('ReadWriteOnce')
        .describe('Access mode of the volume. More than one replica needs `ReadWriteMany` and a StorageClass that can do it.'),
    })
    .meta(rules(storageIsFixed))
    .prefault({})
    .describe('The volume that holds its data.')

export const replicas = (what: string) => z.int().min(1).max(9).default(1).describe(`Number of pods of ${what}.`)

/** Whether a part that a cloud can do without is there: "Whether there …". */
export const optional = ({ default: byDefault, what, off }: { readonly default: boolean; readonly what: string; readonly off?: string }) =>
  z
    .boolean()
    .default(byDefault)
    .describe(`Whether there ${what}. Can be changed at any time; no other service restarts.${off === undefined ? '' : ` ${off}`}`)

/** A part that is there unless somebody does without it. */
export const enabled = (what: string) => optional({ default: true, what: `is ${what}` })

/** Labels that a node must have; without any, the label of the operator's own. */
export const nodeSelector = (label: string) =>
  map(z.string().max(63), 16).default({}).describe(`Labels that a node must have, all of them. Empty: the label \`${label}\`, with any value.`)

/** A host's name or IPv4 address. */
export const hostName = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/)

/** A key of a Secret that somebody else made. */
export const secretKey = (key: string) =>
  z.object({
    name: objectName().describe("Name of a Secret in the cluster's namespace."),
    key: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[-._A-Za-z0-9]+$/)
      .default(key)
      .describe('Key in the Secret.'),
  })

/** Types of networks; `gre` is among them only so that it can be refused with a sentence. */
export const networkType = <const Type extends string>(field: string, ...types: readonly [Type, ...Type[]]) =>
  z.enum([...types, 'gre'] as const).meta(
    rules({
      rule: "self != 'gre'",
      message: `${field}: GRE is not a network type of the linuxbridge agent: take vxlan`,
    }),
  )

/** A pool of a Ceph that somebody else runs, and the user to reach it with. */
export const cephPool = (pool: string) => ({
  monitors: atomicList(
    z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/),
    16,
  )
    .min(1)
    .describe(
      "Ceph's monitors: names or IPv4 addresses that pods and hypervisors reach, with a port where it is another than Ceph's own. Example: `[10.0.0.11]`.",
    ),
  user: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)
    .default('cinder')
    .describe('User of Ceph, without `client.`.'),
  keyringSecret: secretKey('keyring').describe("The user's keyring, as `ceph auth get` writes it, or the key alone."),
  pool: cephPoolName().default(pool).describe('Pool. It must be there already.'),
})

/** Name of a pool. */
export const cephPoolName = () =>
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)
