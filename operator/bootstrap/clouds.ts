import { dump } from 'js-yaml'
import type { IdentityUser } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { DEFAULT_DOMAIN } from '../services/context.ts'
import { secret } from '../workloads/secret.ts'

interface Login {
  readonly username: string
  readonly password: string
  readonly userDomain: string
  readonly project?: string
  readonly projectDomain: string
}

/** The Secret `<cluster>-admin`: password, clouds.yaml and openrc of the administrator, for clients outside of the cluster. */
export function adminSecret(scope: Scope): KubeObject {
  const login = { username: 'admin', password: scope.credential('keystone.admin'), userDomain: DEFAULT_DOMAIN, project: 'admin', projectDomain: DEFAULT_DOMAIN }
  return secret(scope, `${scope.name}-admin`, 'keystone', files(scope, login))
}

/** The Secret `<cluster>-user-<name>`: the same for a user that the CR declares. */
export function userSecret(scope: Scope, user: IdentityUser): KubeObject {
  const project = scope.spec.identity.projects.find(({ name }) => name === user.project)
  const login = {
    username: user.name,
    password: scope.userPassword(user.name),
    userDomain: user.domain,
    ...(user.project === undefined ? {} : { project: user.project }),
    projectDomain: project?.domain ?? DEFAULT_DOMAIN,
  }
  return secret(scope, `${scope.name}-user-${user.name}`, 'keystone', files(scope, login))
}

function files(scope: Scope, login: Login): Record<string, string> {
  const authUrl = `${scope.publicUrl('keystone-api')}/v3`
  const { username, password, userDomain, project, projectDomain } = login
  const scoped = project === undefined ? {} : { project_name: project, project_domain_name: projectDomain }
  const auth = { auth_url: authUrl, username, password, user_domain_name: userDomain, ...scoped }
  const cloud = { auth, region_name: scope.spec.region, identity_api_version: 3, interface: 'public' }
  const variables: Record<string, string> = {
    OS_AUTH_URL: authUrl,
    OS_USERNAME: username,
    OS_PASSWORD: password,
    OS_USER_DOMAIN_NAME: userDomain,
    ...(project === undefined ? {} : { OS_PROJECT_NAME: project, OS_PROJECT_DOMAIN_NAME: projectDomain }),
    OS_REGION_NAME: scope.spec.region,
    OS_IDENTITY_API_VERSION: '3',
    OS_INTERFACE: 'public',
  }
  return {
    username,
    password,
    'clouds.yaml': dump({ clouds: { [scope.name]: cloud } }),
    openrc: Object.entries(variables)
      .map(([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`)
      .join(''),
  }
}
