import type { Change, Ensured } from './change.ts'

/** The domain that names without one are in. */
export const DEFAULT_DOMAIN = 'Default'

/** What shall be there in Keystone. Names refer to what is declared here or is there already; domains default to `Default`. */
export interface IdentityWant {
  readonly domains?: readonly DomainWant[]
  readonly projects?: readonly ProjectWant[]
  readonly roles?: readonly RoleWant[]
  readonly users?: readonly UserWant[]
  readonly groups?: readonly GroupWant[]
  readonly memberships?: readonly MembershipWant[]
  readonly roleAssignments?: readonly RoleAssignmentWant[]
  readonly services?: readonly ServiceWant[]
  readonly endpoints?: readonly EndpointWant[]
}

export interface DomainWant {
  readonly name: string
  readonly description?: string
}

export interface ProjectWant {
  readonly name: string
  readonly domain?: string
  readonly description?: string
}

export interface RoleWant {
  readonly name: string
  readonly description?: string
}

export interface UserWant {
  readonly name: string
  readonly domain?: string
  /** Without it: none is set, and none that is there is changed. */
  readonly password?: string
  /** Default project. */
  readonly project?: string
  readonly projectDomain?: string
  readonly email?: string
  readonly description?: string
}

export interface GroupWant {
  readonly name: string
  readonly domain?: string
  readonly description?: string
}

/** A user is in a group. Others that are in it, too, stay. */
export interface MembershipWant {
  readonly user: string
  readonly userDomain?: string
  readonly group: string
  readonly groupDomain?: string
}

/** Who has a role: a user, or all users of a group. */
export type Actor =
  | { readonly user: string; readonly userDomain?: string; readonly group?: undefined }
  | { readonly group: string; readonly groupDomain?: string; readonly user?: undefined }

/** A role of somebody on exactly one of a project, a domain and the system. */
export type RoleAssignmentWant = Actor & {
  readonly role: string
  readonly project?: string
  readonly projectDomain?: string
  readonly domain?: string
  readonly system?: 'all'
}

/** An entry of the catalogue, known by its type and name. */
export interface ServiceWant {
  readonly type: string
  readonly name: string
  readonly description?: string
}

export interface EndpointWant {
  /** Type of the service. */
  readonly service: string
  readonly serviceName: string
  readonly interface: 'public' | 'internal' | 'admin'
  readonly region: string
  readonly url: string
}

/** Ids of what was asked for, by name; those of projects, users and groups by `name@domain`. */
export interface IdentityIds {
  readonly domains: Readonly<Record<string, string>>
  readonly projects: Readonly<Record<string, string>>
  readonly roles: Readonly<Record<string, string>>
  readonly users: Readonly<Record<string, string>>
  readonly groups: Readonly<Record<string, string>>
}

export interface IdentityResult extends Ensured {
  readonly changes: readonly Change[]
  readonly ids: IdentityIds
}
