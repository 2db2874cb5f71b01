import type { CredentialKind } from '../config/credentials.ts'
import type { Ini } from '../config/ini.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Keeping } from '../model/keeping.ts'
import type { NamedSecret } from '../model/named-secrets.ts'
import type { NodeChoice } from '../model/node-choice.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import type { OpenStackClusterSpec, ServiceName } from '../api/v1alpha1/index.ts'
import type { ServiceApi } from '../api/v1alpha1/service.ts'
import type { PodOptions, Process } from '../workloads/pod.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import type { Context } from './context.ts'

/**
 * One OpenStack service, as data: what the CR knows of it, and what it consists of. The engine makes its steps by rules written once and knows no
 * service by name.
 */
export type ServiceDefinition<Api extends ServiceApi = ServiceApi & { readonly name: ServiceName }> = Api & ServiceParts<Api['files'][number]>

/** What a service consists of. */
interface ServiceParts<File extends string> {
  /** Its entry in Keystone's catalogue, for its part `api`. With one it has a user in Keystone, with the roles admin and service in the project `service`. */
  readonly catalog?: CatalogEntry
  /** It has a user and a virtual host at the message broker, which each of its workloads needs. */
  readonly messaging?: boolean
  /** Secrets besides the passwords of its database, broker and Keystone users. */
  readonly credentials?: Readonly<Record<string, CredentialKind>>
  /** How those are kept that the operator cannot make anew at any time. */
  readonly keeping?: Readonly<Record<string, Keeping>>
  /** Credentials of it whose keys change on a schedule. */
  readonly rotations?: (spec: OpenStackClusterSpec) => readonly Rotation[]
  /** Where its processes keep what they need no longer than they run. */
  readonly state?: string
  /** Sections of its files, which are in the Secret `<name>-config`. */
  readonly config: (context: Context) => Readonly<Record<File, Ini>>
  /** Whole texts in the same Secret, by key. */
  readonly texts?: (context: Context) => Readonly<Record<string, string>>
  /** Secrets that the CR names in its part of the spec. */
  readonly namedSecrets?: (spec: OpenStackClusterSpec) => readonly NamedSecret[]
  /** Its APIs ask oslo.policy. By name: what must be other than the program has it. */
  readonly policies?: Readonly<Record<string, string>>
  /** Further Secrets that its pods mount. */
  readonly secrets?: (context: Context) => readonly ConfigSecret[]
  /** Objects that belong to it and are no workload: volumes. */
  readonly objects?: (scope: Scope) => readonly KubeObject[]
  /** The Job that makes or upgrades its schema. With one it has a user at the database. */
  readonly schema?: (context: Context) => Process
  /** Databases that its database user owns, where not one of its own name. */
  readonly databases?: readonly string[]
  readonly workloads: (spec: OpenStackClusterSpec) => readonly Workload[]
  /** Steps that follow no general rule. */
  readonly steps?: (context: Context) => readonly Step[]
}

/** A schedule on which the keys of a credential of kind `fernet-repository` or `authorities` change. */
export interface Rotation {
  readonly credential: string
  readonly everyMinutes: number
  /** Keys that it holds at most. */
  readonly keep: number
}

/** The databases of a service; those of one without a schema are none. */
export function databasesOf({ name, schema, databases }: ServiceDefinition): readonly string[] {
  return databases ?? (schema === undefined ? [] : [name])
}

/** An entry of Keystone's catalogue. */
export interface CatalogEntry {
  /** e.g. `compute` */
  readonly type: string
  /** What follows the port, e.g. `/v2.1`. */
  readonly path?: string
  readonly description: string
}

/** A Deployment of a service, or a DaemonSet. Its step is `<service>/<part>`, its app `<service>-<part>`, its port that of the part. */
export interface Workload {
  readonly part: string
  /** Steps besides the service's own configuration, schema and user of the broker. */
  readonly needs?: readonly string[]
  readonly process: (context: Context) => Process
  /** Number of pods. Without it: what the CR says of the service. */
  readonly replicas?: number
  /** One pod on each of these nodes instead: a DaemonSet. */
  readonly nodes?: NodeChoice
  readonly options?: PodOptions & { readonly exclusive?: boolean }
}
