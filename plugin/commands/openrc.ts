import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { mergeClouds } from '../access.ts'
import { titleOf } from '../cluster.ts'
import type { Command } from '../command.ts'
import { readLogin } from '../login.ts'

export const openrc: Command = {
  name: 'openrc',
  synopsis: '[USER] [--clouds-yaml]',
  about: 'what a client of OpenStack logs in with: shell variables, or a clouds.yaml',
  details: `Of the administrator, or of a user that the cloud declares (spec.identity.users). Reads the Secrets CLOUD-admin and CLOUD-user-USER.

  eval "$(kubectl teruwa openrc)" && openstack server list --all-projects
  kubectl teruwa openrc --clouds-yaml > clouds.yaml && OS_CLIENT_CONFIG_FILE=clouds.yaml openstack --os-cloud CLOUD server list`,
  options: {
    'clouds-yaml': {
      type: 'boolean',
      about: 'a clouds.yaml instead: of the administrator as CLOUD, of a user as CLOUD-USER; without USER, of all of them',
    },
  },
  words: 1,
  run: async ({ given, output, cloud, client }) => {
    const found = await cloud()
    const api = await client()
    const [user] = given.positionals
    const { name } = found.metadata
    // Refused before anything is read: a name with a slash in it would be another path.
    const users = declaredUsers(found)
    if (user !== undefined && user !== 'admin' && !users.includes(user))
      throw new Error(`${titleOf(found)} declares no user ${JSON.stringify(user)}; there are ${['admin', ...users].join(', ')}`)
    const who = user === 'admin' ? undefined : user
    if (!given.values['clouds-yaml']) {
      output.write(await readLogin(api, found, who, 'openrc'))
      return 0
    }
    const wanted = user === undefined ? [undefined, ...users] : [who]
    const accesses = await Promise.all(
      wanted.map(async (each) => ({
        as: [each === undefined ? name : `${name}-${each}`],
        clouds: await readLogin(api, found, each, 'clouds.yaml'),
      })),
    )
    output.write(mergeClouds(accesses))
    return 0
  },
}

const declaredUsers = ({ spec }: OpenStackCluster): string[] => spec.identity.users.map(({ name }) => name)
