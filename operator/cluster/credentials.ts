import { group, kind, labels, manager } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { missingCredentials, rotateCredential } from '../config/credentials.ts'
import type { Credentials } from '../config/credentials.ts'
import type { RandomBytes } from '../config/random.ts'
import type { KubeClient } from '../kube/client.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Rotation } from '../services/definition.ts'
import { wantedCredentials, wantedRotations } from './foundation.ts'

/** Name of the Secret that holds every generated password and key of a cluster. */
export function credentialsSecretName(cluster: string): string {
  return `${cluster}-credentials`
}

/** The generated secrets of a cluster as they are now. */
export interface KeptCredentials {
  readonly credentials: Credentials
  /** The Secret that holds them. */
  readonly secret: KubeObject
  /** When keys are to change next, in ms since the epoch; Infinity: never. */
  readonly rotationDueAt: number
}

/** What the keeping of credentials works with. */
export interface CredentialsOptions {
  readonly client: KubeClient
  readonly cluster: OpenStackCluster
  /** The Secret as last seen, which may be old: a write that rests on an old one is refused by the API server (409), and the next reconcile sees the new one. */
  readonly known: KubeObject | undefined
  readonly random: RandomBytes
  /** ms since the epoch */
  readonly now: number
}

/** The generated secrets of a cluster: what is missing is made, keys whose time has come change, and all else stays as it is. */
export async function ensureCredentials({ client, cluster, known, random, now }: CredentialsOptions, signal?: AbortSignal): Promise<KeptCredentials> {
  const { name, namespace } = cluster.metadata
  const secretName = credentialsSecretName(name)
  const rotations = wantedRotations(cluster.spec)
  const live = known ?? (await client.get(ResourceTypes.secrets, namespace, secretName, signal))
  const have = decode(live?.data)
  const wanted = wantedCredentials(cluster.spec)
  const made = missingCredentials(wanted, have, random, now)
  const due = rotations.filter((rotation) => have[rotation.credential] && dueAt(rotation, live) <= now)
  const rotated = Object.fromEntries(
    due.map(({ credential, keep }) => [credential, rotateCredential(wanted[credential], have[credential] ?? '', keep, random, now)]),
  )
  const changed = { ...made, ...rotated }
  const secret = Object.keys(changed).length === 0 && live !== undefined ? live : await write(changed)
  return { credentials: { ...have, ...changed }, secret, rotationDueAt: Math.min(...rotations.map((rotation) => dueAt(rotation, secret)), Infinity) }

  /** Keys and the time of their change in one write, so that a crash in between cannot part them. */
  function write(texts: Credentials): Promise<KubeObject> {
    const data = encode(texts)
    const times = Object.fromEntries(
      rotations.filter(({ credential }) => credential in texts).map(({ credential }) => [rotatedAt(credential), new Date(now).toISOString()]),
    )
    if (live !== undefined) {
      const metadata = { resourceVersion: live.metadata.resourceVersion, annotations: times }
      return client.patch(ResourceTypes.secrets, namespace, secretName, { metadata, data }, { type: 'merge', fieldManager: manager }, signal)
    }
    // Without an owner: with `deletionPolicy: Retain` it outlives the cluster, like the volumes that its passwords open.
    const metadata = {
      name: secretName,
      namespace,
      labels: { [labels.name]: secretName, [labels.partOf]: name, [labels.managedBy]: manager, [labels.component]: 'credentials' },
      annotations: {
        [`${group}/description`]: `Generated passwords and keys of ${kind} ${name}; the cloud's data cannot be read without them. Only the keys of tokens and those that certificates are signed with change by themselves.`,
        ...times,
      },
    }
    return client.create(ResourceTypes.secrets, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }, signal)
  }
}

/** The annotation that says when the keys of a credential changed last. */
function rotatedAt(credential: string): string {
  return `${group}/rotated-at.${credential}`
}

/** When a rotation is due: some time after the last one, or after the Secret was made. One that was missed is made up once. */
function dueAt({ credential, everyMinutes }: Rotation, secret: KubeObject | undefined): number {
  const { annotations = {}, creationTimestamp } = secret?.metadata ?? {}
  const last = Date.parse(annotations[rotatedAt(credential)] ?? creationTimestamp ?? '')
  // A time that cannot be read is none: the rotation is due.
  return Number.isNaN(last) ? 0 : last + everyMinutes * 60_000
}

/** The texts of a Secret's data. */
export function decode(data: Readonly<Record<string, string>> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

function encode(texts: Credentials): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
}
