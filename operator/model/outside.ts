import type { DatabaseServer, DatabaseWant } from '../backing/admin/mariadb.ts'
import type { DatabaseLoad } from '../backing/admin/mariadb-load.ts'
import type { QueueLoad } from '../backing/admin/rabbitmq-load.ts'
import type { MessagingServer, MessagingWant } from '../backing/admin/rabbitmq.ts'
import type { Clock, TimeWant } from '../chrony/clock.ts'
import type { NetworkAgent } from '../openstack/agents.ts'
import type { HypervisorFacts } from '../openstack/compute.ts'
import type { Change } from '../openstack/change.ts'
import type { FlavorWant } from '../openstack/flavors.ts'
import type { IdentityWant } from '../openstack/identity.ts'
import type { ImageFacts, ImageWant } from '../openstack/images.ts'
import type { KeyPairWant } from '../openstack/keypairs.ts'
import type { NetworksWant } from '../openstack/networks.ts'
import type { QuotaUse, QuotaWant } from '../openstack/quotas.ts'
import type { PolicyRoleWant } from '../openstack/roles.ts'
import type { SecurityGroupWant } from '../openstack/security-groups.ts'
import type { ServerWant } from '../openstack/servers.ts'
import type { VolumeBackendWant } from '../openstack/volumes.ts'
import type { Problem } from './problem.ts'

/** What a step wants outside of Kubernetes. The call is idempotent: it lists, compares and changes only what differs. */
export type OutsideCall =
  /** Ready when something answers there. */
  | { readonly kind: 'reach'; readonly field: string; readonly want: { readonly host: string; readonly port: number } }
  | { readonly kind: 'database'; readonly server: DatabaseServer; readonly want: readonly DatabaseWant[] }
  | { readonly kind: 'messaging'; readonly server: MessagingServer; readonly want: readonly MessagingWant[] }
  | { readonly kind: 'identity'; readonly want: IdentityWant }
  | { readonly kind: 'drop-databases'; readonly server: DatabaseServer; readonly want: readonly string[] }
  | { readonly kind: 'unregister'; readonly want: readonly { readonly type: string; readonly name: string }[] }
  | { readonly kind: 'volume-backends'; readonly want: readonly VolumeBackendWant[] }
  | { readonly kind: 'policy-roles'; readonly want: readonly PolicyRoleWant[] }
  | { readonly kind: 'quotas'; readonly want: readonly QuotaWant[] }
  | { readonly kind: 'flavors'; readonly want: readonly FlavorWant[] }
  | { readonly kind: 'images'; readonly want: readonly ImageWant[] }
  | { readonly kind: 'networks'; readonly want: NetworksWant }
  | { readonly kind: 'security-groups'; readonly want: readonly SecurityGroupWant[] }
  | { readonly kind: 'key-pairs'; readonly want: readonly KeyPairWant[] }
  | { readonly kind: 'servers'; readonly want: readonly ServerWant[] }
  | { readonly kind: 'compute'; readonly want: readonly string[] }
  | { readonly kind: 'agents'; readonly want: readonly AgentWant[] }
  | { readonly kind: 'time'; readonly want: TimeWant }
  /** Ready once nothing depends on networks and routers of projects. */
  | { readonly kind: 'self-service'; readonly want: 'none' }

/** A Neutron agent that must be alive: `binary` as the agents API names it. */
export interface AgentWant {
  readonly binary: string
  readonly host: string
  /** Its node takes no part now: it is neither waited for nor forgotten. */
  readonly silent?: boolean
}

/** What one call brought. */
export interface Outcome {
  readonly ready: boolean
  /** What is still awaited. */
  readonly message?: string
  /** What was changed, for events. */
  readonly changes?: readonly Change[]
  readonly problem?: Problem
  /** What was found, for builders of later steps (ids, hosts). */
  readonly data?: OutsideData
  /** What was seen by the way. */
  readonly measured?: Measured
  /** Look again after so many milliseconds although nothing asked for it: for what cannot be watched. */
  readonly recheckAfter?: number
}

/** What outside calls report to builders; each field is set by the kind of call that it is named after. */
export interface OutsideData {
  readonly images?: Readonly<Record<string, ImageFacts>>
  readonly compute?: readonly HypervisorFacts[]
  readonly agents?: readonly NetworkAgent[]
  readonly time?: readonly Clock[]
  /** Hosts of volume services that Cinder is to forget. */
  readonly abandonedVolumeServices?: readonly string[]
}

/** What calls see by the way, for metrics alone: no builder and no status reads it, so that a change of it is no news and wakes nobody. */
export interface Measured {
  /** Processes that report themselves to Nova or Cinder. */
  readonly workers?: readonly Worker[]
  readonly quotas?: readonly QuotaUse[]
  readonly database?: DatabaseLoad
  readonly queues?: QueueLoad
}

/** A process of a service, as the service lists it. */
export interface Worker {
  /** Its program, e.g. `nova-conductor`. */
  readonly binary: string
  readonly host: string
  /** It has reported itself within the last minute. */
  readonly up: boolean
}

/** What the last call of a step that was answered brought. */
export interface Answer {
  readonly step: string
  /** When it came, in ms since the epoch. */
  readonly at: number
  readonly data?: OutsideData
  readonly measured?: Measured
}

/** The state of a step's outside call, kept by the operator in memory. */
export interface OutsideResult {
  /** The last call that ended succeeded, for the very thing that is wanted now. */
  readonly ready: boolean
  readonly message: string
  /** That of the step when the call was begun that brought this answer. */
  readonly stamp?: string
  readonly problem?: Problem
  readonly data?: OutsideData
}
