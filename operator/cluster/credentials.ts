import { group, kind, labels, manager } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { missingCredentials } from '../config/credentials.ts'
import type { Credentials, RandomBytes } from '../config/credentials.ts'
import type { KubeClient } from '../kube/client.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'
import { wantedCredentials } from './foundation.ts'

/** Name of the Secret that holds every generated password and key of a cluster. */
export function credentialsSecretName(cluster: string): string {
  return `${cluster}-credentials`
}

/**
 * The generated secrets of a cluster. What is missing is made; what is there never changes. `known` is the Secret as last seen, which may be
 * old: a write that rests on an old one is refused by the API server (409), and the next reconcile sees the new one.
 */
export async function ensureCredentials(
  client: KubeClient,
  cluster: OpenStackCluster,
  known: KubeObject | undefined,
  random: RandomBytes,
  signal?: AbortSignal,
): Promise<Credentials> {
  const { name, namespace } = cluster.metadata
  const secretName = credentialsSecretName(name)
  const live = known ?? (await client.get(ResourceTypes.secrets, namespace, secretName, signal))
  const have = decode(live?.data)
  const made = missingCredentials(wantedCredentials(cluster.spec), have, random)
  if (Object.keys(made).length === 0) return have
  const data = encode(made)
  if (live === undefined) {
    // Without an owner: with `deletionPolicy: Retain` it outlives the cluster, like the volumes that its passwords open.
    const metadata = {
      name: secretName,
      namespace,
      labels: { [labels.name]: secretName, [labels.partOf]: name, [labels.managedBy]: manager, [labels.component]: 'credentials' },
      annotations: {
        [`${group}/description`]: `Generated passwords and keys of ${kind} ${name}. Never changed; the cloud's data cannot be read without them.`,
      },
    }
    await client.create(ResourceTypes.secrets, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }, signal)
  } else {
    const metadata = { resourceVersion: live.metadata.resourceVersion }
    await client.patch(ResourceTypes.secrets, namespace, secretName, { metadata, data }, { type: 'merge', fieldManager: manager }, signal)
  }
  return { ...have, ...made }
}

/** The texts of a Secret's data. */
export function decode(data: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

function encode(texts: Credentials): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
}
