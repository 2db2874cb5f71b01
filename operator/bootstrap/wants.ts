import type { IdentityUser, RoleAssignment } from '../api/v1alpha1/index.ts'
import { sshKeyPair } from '../config/ssh-key.ts'
import type { Scope } from '../model/scope.ts'
import { DeclarationError } from '../openstack/error.ts'
import type { Actor, IdentityWant, RoleAssignmentWant } from '../openstack/identity-wants.ts'
import type { KeyPairWant } from '../openstack/keypairs.ts'
import type { NetworksWant } from '../openstack/networks.ts'
import type { QuotaWant } from '../openstack/quotas.ts'
import type { SecurityGroupRule, SecurityGroupWant } from '../openstack/security-groups.ts'
import type { ServerWant } from '../openstack/servers.ts'
import { groupDomain, projectDomain } from './domains.ts'

/** What `spec.identity` declares, as Keystone is to hold it. */
export function identityWant(scope: Scope): IdentityWant {
  const { domains, projects, roles, groups, users } = scope.spec.identity
  return {
    domains,
    projects: projects.map(({ name, domain, description }) => ({ name, domain, ...(description === undefined ? {} : { description }) })),
    roles,
    users: users.map(({ name, domain, project, email }) => ({
      name,
      domain,
      password: scope.userPassword(name),
      ...(project === undefined ? {} : { project, projectDomain: projectDomain(scope, project) }),
      ...(email === undefined ? {} : { email }),
    })),
    groups: groups.map(({ name, domain, description }) => ({ name, domain, ...(description === undefined ? {} : { description }) })),
    memberships: users.flatMap(({ name, domain, groups: names }) =>
      names.map((group) => ({ user: name, userDomain: domain, group, groupDomain: groupDomain(scope, group) })),
    ),
    roleAssignments: [
      ...users.flatMap(({ name, domain, roles }) => roleAssignments(scope, { user: name, userDomain: domain }, roles)),
      ...groups.flatMap(({ name, domain, roles }) => roleAssignments(scope, { group: name, groupDomain: domain }, roles)),
    ],
  }
}

function roleAssignments(scope: Scope, actor: Actor, roles: readonly RoleAssignment[]): RoleAssignmentWant[] {
  return roles.map(({ role, project, domain, system }) => ({
    ...actor,
    role,
    ...(project === undefined ? {} : { project, projectDomain: projectDomain(scope, project) }),
    ...(domain === undefined ? {} : { domain }),
    ...(system === undefined ? {} : { system }),
  }))
}

/** The services that projects have quotas of. */
export function quotaServices({ spec }: Scope): string[] {
  return ['nova', 'neutron', ...(spec.services.cinder.enabled ? ['cinder'] : [])]
}

/** Quotas of the projects that declare some; those of Cinder only where there is one. */
export function quotaWants({ spec }: Scope): QuotaWant[] {
  return spec.identity.projects.flatMap(({ name, domain, quotas }) => {
    if (quotas === undefined) return []
    const { volume, ...others } = quotas
    return [{ project: name, projectDomain: domain, quotas: spec.services.cinder.enabled && volume !== undefined ? { ...others, volume } : others }]
  })
}

/** Networks, subnets and routers of `spec.bootstrap`. */
export function networksWant(scope: Scope): NetworksWant {
  const { networks, routers } = scope.spec.bootstrap
  return {
    networks: networks.map((network) => (network.project === undefined ? network : { ...network, projectDomain: projectDomain(scope, network.project) })),
    routers: routers.map((router) => ({ ...router, projectDomain: projectDomain(scope, router.project) })),
  }
}

/** Rules of `spec.bootstrap`, by the group that they belong to. */
export function securityGroupWants(scope: Scope): SecurityGroupWant[] {
  const groups = new Map<string, SecurityGroupWant & { rules: SecurityGroupRule[] }>()
  for (const { project, group, ...rule } of scope.spec.bootstrap.securityGroupRules) {
    const key = JSON.stringify([project, group])
    const entry = groups.get(key) ?? { project, projectDomain: projectDomain(scope, project), name: group, rules: [] }
    entry.rules.push(rule)
    groups.set(key, entry)
  }
  return [...groups.values()]
}

/** Key pairs of `spec.bootstrap`; where none is given, the public half of the one that the operator made. */
export function keyPairWants(scope: Scope): KeyPairWant[] {
  return scope.spec.bootstrap.keyPairs.map(({ name, user, publicKey }) => ({
    name,
    user,
    userDomain: declaredUser(scope, user, `bootstrap.keyPairs[${name}]`).domain,
    publicKey: publicKey ?? sshKeyPair(scope.credential(`keypair.${name}`), name).publicKey,
  }))
}

/** Servers of `spec.bootstrap`, with the login of the user that makes each. */
export function serverWants(scope: Scope): ServerWant[] {
  return scope.spec.bootstrap.servers.map((server) => ({
    ...server,
    userDomain: declaredUser(scope, server.user, `bootstrap.servers[${server.name}]`).domain,
    projectDomain: projectDomain(scope, server.project),
    password: scope.userPassword(server.user),
  }))
}

/** The operator acts for a user only with that user's password, which it has of declared ones alone. */
function declaredUser(scope: Scope, name: string, field: string): IdentityUser {
  const user = scope.spec.identity.users.find((each) => each.name === name)
  if (user === undefined) throw new DeclarationError('NotFound', `${field}.user: ${name} is none of identity.users; declare it there`)
  return user
}
