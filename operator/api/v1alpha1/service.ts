// What a service says of itself that becomes part of the CR. It gets the types of fields handed to it, so that the operator, which reads the rest of it,
// runs without zod.

import type { z } from 'zod'
import type * as fields from './fields.ts'
import type { Rule } from './fields.ts'

/** zod, and the types of fields that several parts of the schema share. */
export type Fields = typeof fields

/** A service as the CR knows it. */
export interface ServiceApi {
  /** As in `spec.services`, and as all that belongs to it is called. */
  readonly name: string
  /** As people call it. */
  readonly title: string
  /** What it is for: the reference's sentence about it, after its title. */
  readonly purpose: string
  /**
   * A cloud can do without it: whether it is there by default, and how the sentence "Whether there …" goes on, and ends. `needs` says what it has of a backing
   * service that a cloud can do without, too.
   */
  readonly optional?: {
    readonly default: boolean
    readonly what: string
    readonly off?: string
    readonly needs?: { readonly cache?: string; readonly coordination?: string }
  }
  /** Whose pods `replicas` counts. */
  readonly replicas: string
  /** Fields of its own. Every service has `replicas` and `resources`, and an optional one `enabled`. */
  readonly fields?: (fields: Fields) => Readonly<Record<string, z.ZodType>>
  /** CEL rules about them. */
  readonly rules?: readonly Rule[]
  /** Its configuration files in INI, which `spec.overrides` may add to. */
  readonly files: readonly string[]
  /** Those of them that processes on nodes read, which `spec.nodeOverrides` may add to. */
  readonly nodeFiles?: readonly string[]
  /** Its APIs ask oslo.policy: an example of `spec.policies`. */
  readonly policyExample?: string
  /** Parts that clients outside of the cluster use, and the port of each. The first is the endpoint that is called like the service. */
  readonly endpoints: Readonly<Record<string, number>>
  /** Parts that listen for others of the cluster alone, and the port of each. */
  readonly ports?: Readonly<Record<string, number>>
}

/** The ports of a service by its parts. */
export function portsOf({ endpoints, ports }: ServiceApi): Readonly<Record<string, number>> {
  return { ...endpoints, ...ports }
}

type OwnFields<Api> = Api extends { readonly fields: (fields: Fields) => infer Shape extends z.ZodRawShape } ? z.output<z.ZodObject<Shape>> : unknown
type Enabled<Api> = Api extends { readonly optional: object } ? { enabled: boolean } : unknown
type Resources = z.output<ReturnType<Fields['resources']>>

/** What the CR says of a service, with every default. */
export type ServiceSpec<Api extends ServiceApi> = Enabled<Api> & { replicas: number } & OwnFields<Api> & { resources?: Resources }
