import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { Credentials } from '../config/credentials.ts'
import type { KubeClient } from '../kube/client.ts'
import { ResourceTypes } from '../kube/resources.ts'
import type { Background } from './background.ts'
import { decode } from './credentials.ts'
import { namedSecrets } from './foundation.ts'
import { scopeOf } from './scope.ts'
import type { Observed } from './scope.ts'
import { keyOf } from './watches.ts'
import type { Watches } from './watches.ts'

/** Where the observer looks. */
export interface ObserverOptions {
  readonly client: Pick<KubeClient, 'get'>
  readonly watches: Pick<Watches, 'nodes' | 'live' | 'pods'>
  readonly background: Pick<Background, 'calls' | 'said'>
  /** Tags of the release's images, by their short name. */
  readonly imageTags: Readonly<Record<string, string>>
  readonly operatorImage: string
}

/** Puts together what one visit may look at. */
export class Observer {
  readonly #options: ObserverOptions

  constructor(options: ObserverOptions) {
    this.#options = options
  }

  /** Secrets that the CR names, by name; they are not watched. One that is missing is not in it. */
  async namedSecrets({ metadata, spec }: OpenStackCluster, signal: AbortSignal): Promise<Observed['namedSecrets']> {
    const names = [...new Set(namedSecrets(spec).map(({ secret }) => secret.name))]
    const found = await Promise.all(names.map((name) => this.#options.client.get(ResourceTypes.secrets, metadata.namespace, name, signal)))
    return new Map(found.flatMap((secret) => (secret === undefined ? [] : [[secret.metadata.name, decode(secret.data)]])))
  }

  /** The scope of a cluster as everything is seen at this moment, or what must be there before one can be made. */
  scope(cluster: OpenStackCluster, credentials: Credentials, secrets: Observed['namedSecrets']): ReturnType<typeof scopeOf> {
    const { watches, background, imageTags, operatorImage } = this.#options
    const { name, namespace } = cluster.metadata
    const key = keyOf(namespace, name)
    const calls = background.calls(key)
    return scopeOf({
      cluster,
      credentials,
      namedSecrets: secrets,
      nodes: watches.nodes(),
      live: (objectKind, objectName) => watches.live(namespace, objectKind, objectName),
      pods: watches.pods(namespace, name),
      said: (pod) => background.said(key, pod),
      outside: (step, call) => (call === undefined ? calls?.last(step) : calls?.result(step, call)),
      imageTags,
      operatorImage,
    })
  }
}
