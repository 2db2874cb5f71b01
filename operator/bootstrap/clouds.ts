import { dump } from 'js-yaml'
import type { IdentityUser } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import { accessSecretName } from '../model/scope.ts'
import type { Scope } from '../model/scope.ts'
import { DEFAULT_DOMAIN } from '../services/context.ts'
import { secret } from '../workloads/secret.ts'
import { projectDomain } from './domains.ts'

interface Login {
  readonly username: string
  readonly password: string
  readonly userDomain: string
  /** What tokens are for, in the words of clouds.yaml; openrc has the same in capitals. Empty: for nothing, where the user has no role. */
  readonly scope: Readonly<Record<string, string>>
}

/** The Secret `<cluster>-admin`: password, clouds.yaml and openrc of the administrator, for clients outside of the cluster. */
export function adminSecret(scope: Scope): KubeObject {
  const login = { username: 'admin', password: scope.credential('keystone.admin'), userDomain: DEFAULT_DOMAIN, scope: projectScope(scope, 'admin') }
  return secret(scope, accessSecretName(scope.name), 'keystone', files(scope, login))
}

/** The Secret `<cluster>-user-<name>`: the same for a user that the CR declares. */
export function userSecret(scope: Scope, user: IdentityUser): KubeObject {
  const login = { username: user.name, password: scope.userPassword(user.name), userDomain: user.domain, scope: tokenScope(scope, user) }
  return secret(scope, accessSecretName(scope.name, user.name), 'keystone', files(scope, login))
}

/** The default project; without one, what the first role of the user or of its groups is on: a project before a domain before the whole system. */
function tokenScope(scope: Scope, { project, groups, roles }: IdentityUser): Login['scope'] {
  const all = [...roles, ...scope.spec.identity.groups.filter(({ name }) => groups.includes(name)).flatMap((group) => group.roles)]
  const wanted = project ?? all.find((role) => role.project !== undefined)?.project
  if (wanted !== undefined) return projectScope(scope, wanted)
  const domain = all.find((role) => role.domain !== undefined)?.domain
  if (domain !== undefined) return { domain_name: domain }
  return all.some(({ system }) => system !== undefined) ? { system_scope: 'all' } : {}
}

function projectScope(scope: Scope, project: string): Login['scope'] {
  return { project_name: project, project_domain_name: projectDomain(scope, project) }
}

function files(scope: Scope, { username, password, userDomain, scope: scoped }: Login): Record<string, string> {
  const auth = { auth_url: `${scope.publicUrl('keystone-api')}/v3`, username, password, user_domain_name: userDomain, ...scoped }
  const cloud = { auth, region_name: scope.spec.region, identity_api_version: 3, interface: 'public' }
  const variables = { ...auth, region_name: scope.spec.region, identity_api_version: '3', interface: 'public' }
  return {
    username,
    password,
    'clouds.yaml': dump({ clouds: { [scope.name]: cloud } }),
    openrc: Object.entries(variables)
      .map(([name, value]) => `export OS_${name.toUpperCase()}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
      .join(''),
  }
}
