import { DeclarationError } from './error.ts'
import type { EndpointWant } from './identity-wants.ts'
import type { Listed, Wanted } from './resource.ts'

/** An element of GET /v3/role_assignments. */
export interface ListedAssignment {
  readonly role: { readonly id: string }
  readonly user?: { readonly id: string }
  readonly group?: { readonly id: string }
  readonly scope: {
    readonly project?: { readonly id: string }
    readonly domain?: { readonly id: string }
    readonly system?: { readonly all: boolean }
    /** Set where the role is inherited by the projects below and does not hold on the place itself. */
    readonly 'OS-INHERIT:inherited_to'?: string
  }
}

/** The path at which an assignment is made and removed; it tells one from all others. */
export function assignmentKey({ role, user, group, scope }: ListedAssignment): string {
  const whom = user === undefined ? `groups/${group?.id ?? ''}` : `users/${user.id}`
  const inherited = scope['OS-INHERIT:inherited_to'] === undefined ? '' : '/OS-INHERIT'
  if (scope.project !== undefined) return `${inherited}/projects/${scope.project.id}/${whom}/roles/${role.id}`
  if (scope.domain !== undefined) return `${inherited}/domains/${scope.domain.id}/${whom}/roles/${role.id}`
  return `/system/${whom}/roles/${role.id}`
}

/** What is to become of the endpoints of the wanted services; those of others are not looked at. */
export interface EndpointPlan {
  readonly wanted: readonly Wanted[]
  /** At most one for each service, interface and region. */
  readonly kept: readonly Listed[]
  /** Second ones of the same service, interface and region. */
  readonly stale: readonly { readonly id: string; readonly name: string }[]
}

/** Finds the endpoints that stand for the wanted ones. Of several, the one that has the wanted URL is kept, else the first. Pure. */
export function planEndpoints(wants: readonly EndpointWant[], listed: readonly Listed[], serviceIds: ReadonlyMap<string, string>): EndpointPlan {
  const kept: Listed[] = []
  const stale: { id: string; name: string }[] = []
  const wanted = wants.map((want): Wanted => {
    const name = `${want.service} ${want.interface} ${want.region}`
    const serviceId = serviceIds.get(`${want.service}/${want.serviceName}`)
    if (serviceId === undefined)
      throw new DeclarationError('NotFound', `there is no service ${want.serviceName} of type ${want.service} for the endpoint ${want.url}`)
    const key = { service_id: serviceId, interface: want.interface, region_id: want.region }
    const same = listed.filter(
      (endpoint) => endpoint['service_id'] === serviceId && endpoint['interface'] === want.interface && endpoint['region_id'] === want.region,
    )
    const keep = same.find(({ url }) => url === want.url) ?? same[0]
    if (keep !== undefined) kept.push(keep)
    stale.push(...same.filter(({ id }) => id !== keep?.id).map(({ id }) => ({ id, name })))
    return { name, key, fields: { url: want.url, enabled: true } }
  })
  return { wanted, kept, stale }
}
