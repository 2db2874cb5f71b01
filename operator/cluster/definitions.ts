import type { Schema } from '../api/crd.ts'
import { kind as clusterKind } from '../api/v1alpha1/index.ts'
import { someOf } from '../config/some-of.ts'
import type { KubeClient } from '../kube/client.ts'
import type { Clock } from '../kube/clock.ts'
import { isStatus } from '../kube/error.ts'
import type { Log } from '../kube/log.ts'
import type { KubeObject, ResourceType } from '../kube/types.ts'
import type { Fault } from './faults.ts'

/** Where definitions are in the API. */
export const customResourceDefinitions: ResourceType = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
}

/** A field that the operator knows and the API server does not. */
export interface Lack {
  /** `spec.services.nova`, `spec.a has no default`, `status.steps[].state: Failed` */
  readonly field: string
  /** Whether the operator counts on a value that the API server would have filled in. */
  readonly filledIn: boolean
}

/** What one schema has and another one lacks; what only the other one has is newer, and no lack. Pure. */
export function lacksOf(ours: Schema, theirs: Schema, path = ''): Lack[] {
  const missing = (ours.enum ?? []).filter((value) => theirs.enum !== undefined && !theirs.enum.includes(value))
  return [
    ...missing.map((value) => ({ field: `${path}: ${String(value)}`, filledIn: false })),
    ...Object.entries(ours.properties ?? {}).flatMap(([name, property]): Lack[] => {
      const field = path === '' ? name : `${path}.${name}`
      const filledIn = property.default !== undefined
      const known = theirs.properties?.[name]
      if (known === undefined) return [{ field, filledIn }]
      return [...(filledIn && known.default === undefined ? [{ field: `${field} has no default`, filledIn }] : []), ...lacksOf(property, known, field)]
    }),
    ...(ours.items && theirs.items ? lacksOf(ours.items, theirs.items, `${path}[]`) : []),
    ...(isSchema(ours.additionalProperties) && isSchema(theirs.additionalProperties)
      ? lacksOf(ours.additionalProperties, theirs.additionalProperties, `${path}.*`)
      : []),
  ]
}

/** A value without the fields that a schema does not have: server-side apply refuses an object with one. Pure. */
export function fitting(value: unknown, schema: Schema): unknown {
  if (Array.isArray(value)) return schema.items === undefined ? value : value.map((element) => fitting(element, schema.items ?? {}))
  if (value === null || typeof value !== 'object') return value
  const { properties, additionalProperties } = schema
  if (properties !== undefined)
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => (properties[name] === undefined ? [] : [[name, fitting(inner, properties[name])]])),
    )
  return isSchema(additionalProperties) ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fitting(inner, additionalProperties)])) : value
}

function isSchema(schema: Schema | boolean | undefined): schema is Schema {
  return typeof schema === 'object'
}

/** A fault of the definitions. */
export interface DefinitionFault extends Fault {
  /** Whether clouds must be left as they are: what the operator reads of them would not be whole. */
  readonly blocks: boolean
}

export interface DefinitionsOptions {
  readonly client: Pick<KubeClient, 'get'>
  /** The CustomResourceDefinitions that the operator was built with. */
  readonly own: readonly KubeObject[]
  /** A command that brings them to the API server. */
  readonly remedy: string
  readonly log: Log
  readonly clock: Clock
  /** Told when a fault is over, or another one. */
  readonly onChange: () => void
}

/** When the definitions are looked at again, in ms: while something is wrong with them, and else. */
const FAULTY_INTERVAL = 10_000
const INTERVAL = 600_000
/** When an API server that does not answer is asked again, in ms. */
const RETRY = 1000

/** Whether the API server's definitions are at least as new as the operator: Helm installs them once and never upgrades them. */
export class Definitions {
  readonly #options: DefinitionsOptions
  #fault: DefinitionFault | undefined
  /** Of the kinds whose definition lacks something: what the API server has. */
  readonly #theirs = new Map<string, Schema>()

  constructor(options: DefinitionsOptions) {
    this.#options = options
  }

  /** Resolves after the first look, and goes on to look until the signal. Where there is no right to look, nothing is found. Throws the signal's reason. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#lookNow(signal)
    void this.#keepLooking(signal)
  }

  fault(): DefinitionFault | undefined {
    return this.#fault
  }

  /** A status without what the API server's definition of its kind does not have. */
  fit<Status>(kind: string, status: Status): Status {
    const schema = this.#theirs.get(kind)?.properties?.['status']
    return schema === undefined ? status : (fitting(status, schema) as Status)
  }

  async #keepLooking(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#options.clock.sleep(this.#fault === undefined ? INTERVAL : FAULTY_INTERVAL, signal)
        await this.#lookNow(signal)
      }
    } catch {
      // The signal.
    }
  }

  async #lookNow(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#look(signal)
        return
      } catch (error) {
        signal.throwIfAborted()
        this.#options.log.warn('the definitions could not be read', { error })
        await this.#options.clock.sleep(RETRY, signal)
      }
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { client, own, remedy, log, onChange } = this.#options
    const found: { readonly kind: string; readonly lacks: readonly Lack[]; readonly known: boolean }[] = []
    this.#theirs.clear()
    for (const definition of own) {
      const { name } = definition.metadata
      const { kind, version, schema } = factsOf(definition)
      let live: KubeObject | undefined
      try {
        live = await client.get(customResourceDefinitions, undefined, name, signal)
      } catch (error) {
        if (!isStatus(error, 403)) throw error
        log.debug('there is no right to read a definition, so that its age is not known', { name })
        continue
      }
      const theirs = live === undefined ? {} : factsOf(live, version).schema
      const lacks = lacksOf(schema, theirs)
      if (lacks.length === 0) continue
      found.push({ kind, lacks, known: live !== undefined })
      if (live !== undefined) this.#theirs.set(kind, theirs)
    }
    const before = this.#fault
    this.#fault = faultOf(found, remedy)
    if (before?.message === this.#fault?.message) return
    if (this.#fault === undefined) log.info('the definitions are as new as the operator')
    else log.error('the definitions are older than the operator', { message: this.#fault.message })
    if (before !== undefined || this.#fault !== undefined) onChange()
  }
}

/** Kind, version and schema of a definition; of one that has several versions, `wanted`. */
function factsOf({ spec }: KubeObject, wanted?: string): { kind: string; version: string; schema: Schema } {
  const { names, versions } = spec as { names: { kind: string }; versions: readonly { name: string; schema?: { openAPIV3Schema?: Schema } }[] }
  const version = versions.find(({ name }) => wanted === undefined || name === wanted)
  return { kind: names.kind, version: version?.name ?? '', schema: version?.schema?.openAPIV3Schema ?? {} }
}

function faultOf(found: readonly { kind: string; lacks: readonly Lack[]; known: boolean }[], remedy: string): DefinitionFault | undefined {
  if (found.length === 0) return undefined
  const blocks = found.some(
    ({ kind, lacks, known }) => kind === clusterKind && (!known || lacks.some(({ field, filledIn }) => filledIn && field.startsWith('spec'))),
  )
  const each = found.map(({ kind, lacks, known }) =>
    known
      ? `the definition of ${kind} in this Kubernetes is older than the operator, and lacks ${someOf(lacks.map(({ field }) => field))}`
      : `this Kubernetes has no definition of ${kind}`,
  )
  const until = blocks ? 'until then everything stays as it is' : 'until then the status leaves out what it cannot hold'
  return {
    reason: 'OutdatedDefinition',
    message: `${each.join('; ')}. Helm installs definitions once and never upgrades them: ${remedy}; ${until}`,
    blocks,
  }
}
