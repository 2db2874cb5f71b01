import { annotations, group, kind, labels, manager } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { credentialFault, missingCredentials, rotateCredential } from '../config/credentials.ts'
import type { CredentialKind, Credentials } from '../config/credentials.ts'
import type { RandomBytes } from '../config/random.ts'
import type { KubeClient } from '../kube/client.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Loss } from '../model/keeping.ts'
import { credentialsSecretName } from '../model/scope.ts'
import type { Rotation } from '../services/definition.ts'
import { wantedCredentials, wantedRotations } from './foundation.ts'
import { keepingOf } from './kept-elsewhere.ts'

/** The generated secrets of a cluster as they are now. */
export interface KeptCredentials {
  readonly credentials: Credentials
  /** The Secret that holds them. */
  readonly secret: KubeObject
  /** When keys are to change next, in ms since the epoch; Infinity: never. */
  readonly rotationDueAt: number
  /** What was put right in the Secret, a sentence each. */
  readonly repairs: readonly string[]
}

/** What the keeping of credentials works with. */
export interface CredentialsOptions {
  readonly client: KubeClient
  readonly cluster: OpenStackCluster
  /** The Secret as last seen, which may be old: a write that rests on an old one is refused by the API server (409), and the next reconcile sees the new one. */
  readonly known: KubeObject | undefined
  /** A Secret of the cluster, as last seen. */
  readonly live: (secret: string) => KubeObject | undefined
  readonly random: RandomBytes
  /** ms since the epoch */
  readonly now: number
}

/**
 * The generated secrets of a cluster: what is missing is made, keys whose time has come change, and all else stays as it is. What is missing or spoiled and
 * has its other half elsewhere is taken back from the Secret that was made from it; where that is gone as well, nothing is written, and `lost` says so.
 */
export async function ensureCredentials(options: CredentialsOptions, signal?: AbortSignal): Promise<KeptCredentials | { readonly lost: string }> {
  const { client, cluster, known, random, now } = options
  const { name, namespace } = cluster.metadata
  const secretName = credentialsSecretName(name)
  const rotations = wantedRotations(cluster.spec)
  const live = known ?? (await client.get(ResourceTypes.secrets, namespace, secretName, signal))
  const wanted = wantedCredentials(cluster.spec)
  const { have, restored, repairs, lost } = await sift(options, wanted, live, signal)
  if (lost.length > 0) return { lost: lossSentence(`${namespace}/${secretName}`, lost) }
  const made = { ...restored, ...missingCredentials(wanted, { ...have, ...restored }, random, now) }
  const due = rotations.filter(({ credential }) => !(credential in made)).filter((rotation) => dueAt(rotation, live) <= now)
  const rotated = Object.fromEntries(
    due.map(({ credential, keep }) => [credential, rotateCredential(wanted[credential], have[credential] ?? '', keep, random, now)]),
  )
  const changed = { ...made, ...rotated }
  const secret = live !== undefined && Object.keys(changed).length === 0 && isLabelled(live) ? live : await write(changed)
  const rotationDueAt = Math.min(...rotations.map((rotation) => dueAt(rotation, secret)), Infinity)
  return { credentials: { ...have, ...changed }, secret, rotationDueAt, repairs }

  /** Keys and the time of their change in one write, so that a crash in between cannot part them. */
  function write(texts: Credentials): Promise<KubeObject> {
    const data = encode(texts)
    const secretLabels = { [labels.name]: secretName, [labels.partOf]: name, [labels.managedBy]: manager, [labels.component]: 'credentials' }
    const times = Object.fromEntries(
      rotations.filter(({ credential }) => credential in texts).map(({ credential }) => [rotatedAt(credential), new Date(now).toISOString()]),
    )
    if (live !== undefined) {
      const metadata = { resourceVersion: live.metadata.resourceVersion, labels: secretLabels, annotations: times }
      return client.patch(ResourceTypes.secrets, namespace, secretName, { metadata, data }, { type: 'merge', fieldManager: manager }, signal)
    }
    // Without an owner: with `deletionPolicy: Retain` it outlives the cluster, like the volumes that its passwords open.
    const metadata = {
      name: secretName,
      namespace,
      labels: secretLabels,
      annotations: {
        [`${group}/description`]: `Generated passwords and keys of ${kind} ${name}; the cloud's data cannot be read without them. Only the keys of tokens and those that certificates are signed with change by themselves.`,
        ...times,
      },
    }
    return client.create(ResourceTypes.secrets, { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }, signal)
  }
}

interface Sifted {
  /** What is there and can be used, and whatever else is in the Secret. */
  readonly have: Credentials
  readonly restored: Credentials
  readonly repairs: readonly string[]
  readonly lost: readonly (Loss & { readonly name: string; readonly fault: string })[]
}

/** Secrets that had all that was wanted, with what is in them: nearly every look at a cluster finds it so, and need not read them again. */
const sound = new WeakMap<KubeObject, { readonly wanted: Readonly<Record<string, CredentialKind>>; readonly have: Credentials }>()

/** Tells what of the Secret can be used, what can be taken back, and what is lost. */
async function sift(
  { client, cluster, live }: CredentialsOptions,
  wanted: Readonly<Record<string, CredentialKind>>,
  secret: KubeObject | undefined,
  signal?: AbortSignal,
): Promise<Sifted> {
  const known = secret && sound.get(secret)
  if (known?.wanted === wanted) return { have: known.have, restored: {}, repairs: [], lost: [] }
  const found = decode(secret?.data)
  const { metadata, status } = cluster
  const given = new Set((metadata.annotations?.[annotations.makeAnew] ?? '').split(',').map((name) => name.trim()))
  const sifted = { have: { ...found }, restored: {} as Record<string, string>, repairs: [] as string[], lost: [] as Sifted['lost'][number][] }
  for (const [name, kindOfIt] of Object.entries(wanted)) {
    const fault = credentialFault(kindOfIt, found[name])
    if (fault === undefined) continue
    delete sifted.have[name]
    const keeping = keepingOf(metadata.name, name)
    const copy = keeping === undefined || (keeping.rotates && secret !== undefined) ? undefined : live(keeping.secret)
    const text = copy && keeping?.read(decode(copy.data))
    if (text !== undefined && credentialFault(kindOfIt, text) === undefined) {
      sifted.restored[name] = text
      sifted.repairs.push(`${name} ${fault}: taken back from Secret ${keeping?.secret}`)
    } else if (keeping?.loss !== undefined && !given.has(name) && (await isInUse(keeping.loss))) {
      sifted.lost.push({ name, fault, ...keeping.loss })
    } else if (found[name]) sifted.repairs.push(`${name} ${fault}: made anew`)
  }
  if (secret !== undefined && Object.keys(wanted).every((name) => name in sifted.have)) sound.set(secret, { wanted, have: sifted.have })
  return sifted

  async function isInUse({ claim, step }: Loss): Promise<boolean> {
    if (status?.steps?.some(({ id, readyAt }) => id === step && readyAt !== undefined)) return true
    return claim !== undefined && (await client.get(ResourceTypes.persistentVolumeClaims, metadata.namespace, claim, signal)) !== undefined
  }
}

function lossSentence(secret: string, lost: Sifted['lost']): string {
  const each = lost.map(({ name, fault, sentence }) => `the key ${name} ${fault}, and ${sentence}`)
  const last = lost.map(({ name, remedy }) => `add ${name} to the annotation ${annotations.makeAnew} of the OpenStackCluster, and ${remedy}`)
  return `Secret ${secret}: ${each.join('; ')}. Put it back from a backup. Where there is none: ${last.join('; ')}. Until then everything stays as it is`
}

/** One that was put back from a backup may have lost the labels that it is watched by. */
function isLabelled({ metadata }: KubeObject): boolean {
  return metadata.labels?.[labels.managedBy] === manager && metadata.labels[labels.partOf] !== undefined
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
