import type { OpenStackCluster } from '../operator/api/v1alpha1/index.ts'
import { isStatus } from '../operator/kube/error.ts'
import { ResourceTypes } from '../operator/kube/resources.ts'
import { accessSecretName } from '../operator/model/scope.ts'
import type { PluginClient } from './cluster.ts'

/**
 * What the operator wrote for a user of a cloud, or for the administrator: a text of the Secret by its key. Throws a sentence where it may not be read, or is
 * not there yet.
 */
export async function readLogin(
  client: Pick<PluginClient, 'get'>,
  { metadata: { namespace, name: cloud } }: Pick<OpenStackCluster, 'metadata'>,
  user: string | undefined,
  key: 'password' | 'openrc' | 'clouds.yaml',
): Promise<string> {
  const secret = accessSecretName(cloud, user)
  let text: string | undefined
  try {
    text = (await client.get(ResourceTypes.secrets, namespace, secret))?.data?.[key]
  } catch (error) {
    if (isStatus(error, 403)) throw new Error(`you may not read the Secret ${secret} in namespace ${namespace}: ask for "get" on it`, { cause: error })
    throw error
  }
  if (text === undefined) throw new Error(`the Secret ${secret} in namespace ${namespace} has no ${key} yet: see "kubectl teruwa status"`)
  return Buffer.from(text, 'base64').toString('utf8')
}
