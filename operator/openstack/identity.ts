import type { Change } from './change.ts'
import { DeclarationError, isStatus } from './error.ts'
import { DEFAULT_DOMAIN } from './identity-wants.ts'
import type { IdentityIds, IdentityResult, IdentityWant, MembershipWant, RoleAssignmentWant, UserWant } from './identity-wants.ts'
import { assignmentKey, planEndpoints } from './identity-diff.ts'
import type { ListedAssignment } from './identity-diff.ts'
import { converge, listAll, remove } from './resource.ts'
import type { Collection, Listed } from './resource.ts'
import { authRequest } from './session.ts'
import type { Session } from './session.ts'
import { send } from './http.ts'

export type * from './identity-wants.ts'

const collection = (singular: string): Collection => ({ service: 'identity', path: `/${singular}s`, singular, plural: `${singular}s`, update: 'PATCH' })
const domains = collection('domain')
const projects = collection('project')
const roles = collection('role')
const users = collection('user')
const groups = collection('group')
const services = collection('service')
const endpoints = collection('endpoint')
const regions = collection('region')

/** Passes over everything before a 409 counts as an error: other calls, running side by side, may make the same project first. */
const PASSES = 3

/**
 * Makes Keystone hold what is wanted; touches nothing else. An existing user's password cannot be read: it is tried, and set only when
 * Keystone refuses it.
 */
export async function ensureIdentity(session: Session, want: IdentityWant, signal?: AbortSignal): Promise<IdentityResult> {
  const changes: Change[] = []
  for (let pass = 1; ; pass++) {
    try {
      return { ids: await new Pass(session, changes, signal).run(want), changes }
    } catch (error) {
      if (!isStatus(error, 409) || pass === PASSES) throw error
    }
  }
}

/** Names of all roles; those of a domain alone are not among them. */
export async function listRoleNames(session: Session, signal?: AbortSignal): Promise<string[]> {
  return (await listAll(session, roles, {}, signal)).map(({ name }) => String(name))
}

/** Ids of all projects, by `name@domain`. */
export async function listProjectIds(session: Session, signal?: AbortSignal): Promise<Record<string, string>> {
  const [domainList, projectList] = await Promise.all([listAll(session, domains, {}, signal), listAll(session, projects, {}, signal)])
  return byNameAndDomain(projectList, byId(domainList))
}

/** Ids of all users, by `name@domain`. */
export async function listUserIds(session: Session, signal?: AbortSignal): Promise<Record<string, string>> {
  const [domainList, userList] = await Promise.all([listAll(session, domains, {}, signal), listAll(session, users, {}, signal)])
  return byNameAndDomain(userList, byId(domainList))
}

/** The id behind a name; a DeclarationError that says what is missing, and where to declare it, where there is none. */
export function idOf(ids: Readonly<Record<string, string>>, kind: 'domain' | 'project' | 'role' | 'user' | 'group', name: string, domain?: string): string {
  const id = ids[domain === undefined ? name : `${name}@${domain}`]
  if (id === undefined) {
    const where = domain === undefined ? '' : ` in domain ${domain}`
    throw new DeclarationError('NotFound', `there is no ${kind} ${name}${where}: declare it in identity.${kind}s, or make it`)
  }
  return id
}

/** One go at making all of it so. */
class Pass {
  readonly #session: Session
  readonly #changes: Change[]
  readonly #signal: AbortSignal | undefined

  constructor(session: Session, changes: Change[], signal: AbortSignal | undefined) {
    this.#session = session
    this.#changes = changes
    this.#signal = signal
  }

  async run(want: IdentityWant): Promise<IdentityIds> {
    const { users = [], groups = [], memberships = [], roleAssignments = [] } = want
    const people = users.length + groups.length + memberships.length + roleAssignments.length > 0
    const places = people || (want.projects?.length ?? 0) > 0
    // Independent of each other: what is assigned, and the catalogue.
    const assigned = this.#list(roleAssignments.length, () => this.#assignments())
    const first = [
      this.#domains(want, places),
      this.#roles(want),
      this.#list(places ? 1 : 0, () => listAll(this.#session, projects, {}, this.#signal)),
      this.#catalogue(want),
      assigned,
    ] as const
    // All of them, also where one has failed: Keystone takes a second service of the same name, so that the next pass must see what this one made.
    await Promise.allSettled(first)
    const [domainIds, roleIds, projectList] = await Promise.all(first)
    const projectIds = await this.#projects(want, projectList, domainIds)
    const [userIds, groupIds] = await Promise.all([this.#users(want, domainIds, projectIds), this.#groups(want, domainIds)])
    const ids = { domains: domainIds, projects: projectIds, roles: roleIds, users: userIds, groups: groupIds }
    const last = [this.#join(memberships, ids), this.#assign(roleAssignments, await assigned, ids)]
    await Promise.allSettled(last)
    await Promise.all(last)
    return ids
  }

  async #list<T>(count: number | undefined, list: () => Promise<T[]>): Promise<T[]> {
    return (count ?? 0) > 0 ? list() : []
  }

  #converge(kind: Collection, wants: Parameters<typeof converge>[2], listed: readonly Listed[]): Promise<string[]> {
    return converge(this.#session, kind, wants, listed, this.#changes, this.#signal)
  }

  async #domains({ domains: wants = [] }: IdentityWant, needed: boolean): Promise<Record<string, string>> {
    if (!needed && wants.length === 0) return {}
    return this.#named(domains, wants)
  }

  async #roles({ roles: wants = [], roleAssignments = [] }: IdentityWant): Promise<Record<string, string>> {
    if (wants.length + roleAssignments.length === 0) return {}
    // Roles of a domain are another thing than the global ones; Keystone lists only the latter unless it is asked.
    return this.#named(roles, wants)
  }

  /** Things that are known by their name alone. Returns the ids of all that are there, by name. */
  async #named(kind: Collection, wants: readonly { readonly name: string; readonly description?: string }[]): Promise<Record<string, string>> {
    const listed = await listAll(this.#session, kind, {}, this.#signal)
    const ids = await this.#converge(
      kind,
      wants.map(({ name, description }) => ({ name, key: { name }, fields: { description } })),
      listed,
    )
    const names = wants.map(({ name }) => name)
    return { ...byName(listed), ...pairs(names, ids) }
  }

  async #projects({ projects: wants = [] }: IdentityWant, listed: readonly Listed[], domainIds: Record<string, string>): Promise<Record<string, string>> {
    const ids = await this.#converge(
      projects,
      wants.map(({ name, domain = DEFAULT_DOMAIN, description }) => ({
        name,
        key: { name, domain_id: idOf(domainIds, 'domain', domain) },
        fields: { description, enabled: true },
      })),
      listed,
    )
    return { ...byNameAndDomain(listed, invert(domainIds)), ...pairs(wants.map(nameAndDomain), ids) }
  }

  async #users(want: IdentityWant, domainIds: Record<string, string>, projectIds: Record<string, string>): Promise<Record<string, string>> {
    const wants = want.users ?? []
    const referred = [...(want.roleAssignments ?? []).filter((each) => each.user !== undefined), ...(want.memberships ?? [])]
    const listed = await this.#inDomains(users, [...wants.map(domainOf), ...referred.map(({ userDomain = DEFAULT_DOMAIN }) => userDomain)], domainIds)
    const before = byNameAndDomain(listed, invert(domainIds))
    const ids = await this.#converge(
      users,
      wants.map((user) => ({
        name: user.name,
        key: { name: user.name, domain_id: idOf(domainIds, 'domain', user.domain ?? DEFAULT_DOMAIN) },
        fields: {
          default_project_id: user.project === undefined ? undefined : idOf(projectIds, 'project', user.project, user.projectDomain ?? DEFAULT_DOMAIN),
          email: user.email,
          description: user.description,
          enabled: true,
        },
        initial: { password: user.password },
      })),
      listed,
    )
    await Promise.all(wants.map((user) => this.#password(user, before[nameAndDomain(user)])))
    return { ...before, ...pairs(wants.map(nameAndDomain), ids) }
  }

  async #groups(want: IdentityWant, domainIds: Record<string, string>): Promise<Record<string, string>> {
    const wants = want.groups ?? []
    const referred = [...(want.roleAssignments ?? []).filter((each) => each.group !== undefined), ...(want.memberships ?? [])]
    const listed = await this.#inDomains(groups, [...wants.map(domainOf), ...referred.map(({ groupDomain = DEFAULT_DOMAIN }) => groupDomain)], domainIds)
    const ids = await this.#converge(
      groups,
      wants.map((group) => ({
        name: group.name,
        key: { name: group.name, domain_id: idOf(domainIds, 'domain', domainOf(group)) },
        fields: { description: group.description },
      })),
      listed,
    )
    return { ...byNameAndDomain(listed, invert(domainIds)), ...pairs(wants.map(nameAndDomain), ids) }
  }

  /** Users or groups of the domains with these names. */
  async #inDomains(kind: Collection, names: readonly string[], domainIds: Record<string, string>): Promise<Listed[]> {
    const lists = [...new Set(names)].map((name) => listAll(this.#session, kind, { domain_id: idOf(domainIds, 'domain', name) }, this.#signal))
    return (await Promise.all(lists)).flat()
  }

  async #join(wants: readonly MembershipWant[], ids: IdentityIds): Promise<void> {
    const byGroup = Map.groupBy(wants, ({ group, groupDomain = DEFAULT_DOMAIN }) => idOf(ids.groups, 'group', group, groupDomain))
    await Promise.all(
      [...byGroup].map(async ([id, memberships]) => {
        const members = new Set(
          (await this.#session.list<Listed>('identity', `/groups/${id}/users`, 'users', { signal: this.#signal })).map((member) => member.id),
        )
        for (const { user, userDomain = DEFAULT_DOMAIN, group } of memberships) {
          const userId = idOf(ids.users, 'user', user, userDomain)
          if (members.has(userId)) continue
          await this.#session.request('identity', 'PUT', `/groups/${id}/users/${userId}`, { signal: this.#signal })
          this.#changes.push({ action: 'created', kind: 'membership', name: `${user} in ${group}` })
        }
      }),
    )
  }

  /** Sets the password of a user that was there before, if another one is set. */
  async #password(user: UserWant, id: string | undefined): Promise<void> {
    if (id === undefined || user.password === undefined) return
    const { dispatcher, timeout } = this.#session.options
    const url = await this.#session.endpoint('identity', this.#signal)
    const { name, password, domain = DEFAULT_DOMAIN } = user
    try {
      await send({
        service: 'keystone',
        method: 'POST',
        url: `${url}/auth/tokens`,
        json: authRequest({ username: name, password, userDomain: domain }),
        timeout,
        dispatcher,
        signal: this.#signal,
      })
    } catch (error) {
      if (!isStatus(error, 401)) throw error
      await this.#session.request('identity', 'PATCH', `/users/${id}`, { json: { user: { password } }, signal: this.#signal })
      this.#changes.push({ action: 'updated', kind: 'user', name, fields: ['password'] })
    }
  }

  #assignments(): Promise<ListedAssignment[]> {
    return this.#session.list<ListedAssignment>('identity', '/role_assignments', 'role_assignments', { signal: this.#signal })
  }

  async #assign(wants: readonly RoleAssignmentWant[], listed: readonly ListedAssignment[], ids: IdentityIds): Promise<void> {
    const have = new Set(listed.map(assignmentKey))
    const missing = wants.map((want) => ({ want, path: assignmentPath(want, ids) })).filter(({ path }) => !have.has(path))
    await Promise.all(
      missing.map(async ({ want, path }) => {
        await this.#session.request('identity', 'PUT', path, { signal: this.#signal })
        this.#changes.push({ action: 'created', kind: 'role assignment', name: assignmentName(want) })
      }),
    )
  }

  async #catalogue({ services: serviceWants = [], endpoints: endpointWants = [] }: IdentityWant): Promise<void> {
    if (serviceWants.length + endpointWants.length === 0) return
    const [serviceList, regionList, endpointList] = await Promise.all(
      [services, regions, endpoints].map((kind) => listAll(this.#session, kind, {}, this.#signal)),
    )
    const wantedRegions = [...new Set(endpointWants.map(({ region }) => region))]
    const [serviceIds] = await Promise.all([
      this.#converge(
        services,
        serviceWants.map(({ type, name, description }) => ({ name, key: { type, name }, fields: { description, enabled: true } })),
        serviceList ?? [],
      ),
      this.#converge(
        regions,
        wantedRegions.map((id) => ({ name: id, key: { id }, fields: {} })),
        regionList ?? [],
      ),
    ])
    const known = new Map((serviceList ?? []).map(({ id, type, name }) => [`${String(type)}/${String(name)}`, id]))
    for (const [index, { type, name }] of serviceWants.entries()) known.set(`${type}/${name}`, serviceIds[index] ?? '')
    const plan = planEndpoints(endpointWants, endpointList ?? [], known)
    await Promise.all([
      this.#converge(endpoints, plan.wanted, plan.kept),
      ...plan.stale.map(({ id, name }) => remove(this.#session, endpoints, id, name, this.#changes, this.#signal)),
    ])
  }
}

function assignmentPath(want: RoleAssignmentWant, ids: IdentityIds): string {
  const whom =
    want.user === undefined
      ? { group: { id: idOf(ids.groups, 'group', want.group, want.groupDomain ?? DEFAULT_DOMAIN) } }
      : { user: { id: idOf(ids.users, 'user', want.user, want.userDomain ?? DEFAULT_DOMAIN) } }
  return assignmentKey({ role: { id: idOf(ids.roles, 'role', want.role) }, ...whom, scope: assignmentScope(want, ids) })
}

function assignmentScope(want: RoleAssignmentWant, ids: IdentityIds): ListedAssignment['scope'] {
  if (want.project !== undefined) return { project: { id: idOf(ids.projects, 'project', want.project, want.projectDomain ?? DEFAULT_DOMAIN) } }
  if (want.domain !== undefined) return { domain: { id: idOf(ids.domains, 'domain', want.domain) } }
  return { system: { all: true } }
}

function assignmentName({ role, user, group, project, domain }: RoleAssignmentWant): string {
  return `${role} of ${user ?? `group ${group}`} on ${project ?? domain ?? 'system'}`
}

function nameAndDomain({ name, domain = DEFAULT_DOMAIN }: { readonly name: string; readonly domain?: string }): string {
  return `${name}@${domain}`
}

function domainOf({ domain = DEFAULT_DOMAIN }: { readonly domain?: string }): string {
  return domain
}

function byName(listed: readonly Listed[]): Record<string, string> {
  return Object.fromEntries(listed.map(({ id, name }) => [String(name), id]))
}

function byId(listed: readonly Listed[]): Record<string, string> {
  return Object.fromEntries(listed.map(({ id, name }) => [id, String(name)]))
}

function invert(ids: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ids).map(([name, id]) => [id, name]))
}

function byNameAndDomain(listed: readonly Listed[], domainNames: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(listed.map(({ id, name, domain_id: domain }) => [`${String(name)}@${domainNames[String(domain)] ?? ''}`, id]))
}

function pairs(names: readonly string[], ids: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, ids[index] ?? '']))
}
