import { annotations, labels } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { Credentials } from '../config/credentials.ts'
import type { KubeObject } from '../kube/types.ts'
import { namedSecretText, passwordField, passwordSecrets } from '../model/named-secrets.ts'
import { serviceHost } from '../model/scope.ts'
import type { Scope } from '../model/scope.ts'
import { portOf } from '../services/ports.ts'
import { publicEndpoints } from '../services/wanted.ts'
import { nodeAddress, publicUrlOf } from './foundation.ts'

/** What was observed of one cluster, before it is known whether it suffices to build with. */
export interface Observed {
  readonly cluster: OpenStackCluster
  readonly credentials: Credentials
  /** The texts of Secrets that the CR names, by the Secret's name and key. */
  readonly namedSecrets: ReadonlyMap<string, Readonly<Record<string, string>>>
  readonly nodes: readonly KubeObject[]
  readonly live: (kind: string, name: string) => KubeObject | undefined
  readonly pods: readonly KubeObject[]
  /** The last line that a pod has said, if it is followed. */
  readonly said: (pod: KubeObject) => string | undefined
  readonly outside: Scope['outside']
  /** Tags of the release's images, by their short name. */
  readonly imageTags: Readonly<Record<string, string>>
  readonly operatorImage: string
}

/** As much of a wish to be looked at again as goes into the status. */
const REQUEST_LENGTH = 128

/** The scope of a cluster, or what must be there before one can be made. */
export function scopeOf(observed: Observed): { scope: Scope } | { waitsFor: string } {
  const { cluster, credentials, nodes } = observed
  const { spec, metadata } = cluster
  const { name, namespace, uid } = metadata
  const address = nodeAddress(nodes, hostInUse(cluster))
  const urls = new Map<string, string>()
  for (const { name: endpoint, app } of publicEndpoints(spec)) {
    const inFront = spec.endpoints.urls[endpoint]
    const url = publicUrlOf(app, observed.live('Service', app), spec.endpoints, address)
    if ('waitsFor' in url) return url
    urls.set(app, inFront ?? url.url)
  }
  const podsByApp = Map.groupBy(observed.pods, (pod) => pod.metadata.labels?.[labels.name] ?? '')
  const scope: Scope = {
    name,
    namespace,
    uid,
    spec,
    reconcileRequestedAt: (metadata.annotations?.[annotations.reconcileRequestedAt] ?? '').slice(0, REQUEST_LENGTH),
    nodes,
    image: (image) => imageOf(observed, image),
    credential: (key) => known(`credential ${key}`, credentials[key]),
    userPassword: (user) => {
      const named = passwordSecrets(spec).find(({ field }) => field === passwordField(user))
      return named === undefined
        ? known(`user ${user}`, credentials[`user.${user}`])
        : namedSecretText(scope, named, 'leave the field out and the operator makes a password')
    },
    namedSecret: ({ name: secret, key }) => observed.namedSecrets.get(secret)?.[key],
    publicUrl: (app) => known(`public Service ${app}`, urls.get(app)),
    internalUrl: (app) => `http://${serviceHost({ namespace }, app)}:${portOf(app)}`,
    live: observed.live,
    pods: (app) => podsByApp.get(app) ?? [],
    said: (app) =>
      podsByApp
        .get(app)
        ?.map(observed.said)
        .find((line) => line !== undefined),
    outside: observed.outside,
    // Nothing is asked of a paused cluster, so what was known last stays.
    wasReady: (step) =>
      (spec.paused || cluster.status?.observedGeneration === metadata.generation) && cluster.status?.steps?.find(({ id }) => id === step)?.state === 'Ready',
  }
  return { scope }
}

/** A full reference stands for itself; a short name gets the registry and the release's tag, unless the CR overrides it. */
export function imageOf({ cluster, imageTags, operatorImage }: Pick<Observed, 'cluster' | 'imageTags' | 'operatorImage'>, image: string): string {
  const { registry, overrides } = cluster.spec.images
  const override = overrides[image]
  if (override !== undefined) return override
  if (image.includes('/')) return image
  if (image === 'operator') return operatorImage
  const tag = imageTags[image]
  if (tag === undefined) throw new Error(`image ${JSON.stringify(image)} is none of the release's: ${Object.keys(imageTags).join(', ')}`)
  return `${registry}/${image}:${tag}`
}

/** The host of the endpoint that the status shows, so that a later reconcile keeps it. */
function hostInUse(cluster: OpenStackCluster): string | undefined {
  const url = cluster.status?.endpoints?.find(({ service }) => service === 'keystone')?.public
  return url === undefined ? undefined : new URL(url).hostname
}

function known(what: string, value: string | undefined): string {
  if (value === undefined) throw new Error(`${what} was never declared`)
  return value
}
