import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { Credentials } from '../config/credentials.ts'
import type { RandomBytes } from '../config/random.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/types.ts'
import { credentialsSecretName } from '../model/scope.ts'
import { decode, ensureCredentials } from './credentials.ts'
import type { KeptCredentials } from './credentials.ts'
import { OwnWrites } from './own-writes.ts'
import { keyOf } from './watches.ts'
import type { Watches } from './watches.ts'

/** What the keeper needs from its surroundings. */
export interface CredentialKeeperOptions {
  readonly client: KubeClient
  readonly watches: Pick<Watches, 'live'>
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly random: RandomBytes
}

/** Keeps the generated secrets of all clusters, and remembers what it wrote last: to rest on an older Secret would make passwords a second time. */
export class CredentialKeeper {
  readonly #options: CredentialKeeperOptions
  readonly #written = new OwnWrites()

  constructor(options: CredentialKeeperOptions) {
    this.#options = options
  }

  /** Makes and renews what is due, as `ensureCredentials` does. */
  async keep(cluster: OpenStackCluster, signal: AbortSignal): Promise<KeptCredentials | { readonly lost: string }> {
    const { client, watches, now, random } = this.#options
    const { name, namespace } = cluster.metadata
    const key = keyOf(namespace, name)
    const known = this.#written.newest(key, this.#seen(cluster))
    const live = (secret: string) => watches.live(namespace, 'Secret', secret)
    const kept = await ensureCredentials({ client, cluster, known, live, random, now: now() }, signal)
    if ('secret' in kept && kept.secret !== known) this.#written.remember(key, kept.secret)
    return kept
  }

  /** The secrets as they are seen, of which some may never have been made. Nothing is changed. */
  read(cluster: OpenStackCluster): Credentials {
    return decode(this.#seen(cluster)?.data)
  }

  /** A cluster is gone, or about to go. */
  forget(key: string): void {
    this.#written.forget(key)
  }

  #seen({ metadata: { name, namespace } }: OpenStackCluster): KubeObject | undefined {
    return this.#options.watches.live(namespace, 'Secret', credentialsSecretName(name))
  }
}
