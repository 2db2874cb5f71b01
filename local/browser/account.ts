import { load } from 'js-yaml'
import type { Account } from './dashboard.ts'

interface CloudsFile {
  readonly clouds?: Readonly<Record<string, { readonly auth?: { readonly username?: string; readonly password?: string; readonly user_domain_name?: string } }>>
}

/** Who a cloud of a clouds.yaml logs in as. Throws with the clouds that are there where the asked one is not, or has no name and password. */
export function accountOf(cloudsYaml: string, cloud: string): Account {
  const { clouds = {} } = load(cloudsYaml) as CloudsFile
  const auth = clouds[cloud]?.auth
  if (auth?.username === undefined || auth.password === undefined)
    throw new Error(`clouds.yaml has no cloud ${cloud} with a username and a password; it has ${Object.keys(clouds).join(', ') || 'none at all'}`)
  return { username: auth.username, password: auth.password, domain: auth.user_domain_name ?? 'Default' }
}
