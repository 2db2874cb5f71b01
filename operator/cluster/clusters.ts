import { apiVersion, finalizer, kind, manager } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster, OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/types.ts'
import { openStackClusters } from './watches.ts'
import type { Watches } from './watches.ts'

/** The OpenStackClusters themselves: read as the watch or our own last write shows them, and written by nobody else of the operator. */
export class Clusters {
  readonly #client: Pick<KubeClient, 'apply' | 'patch'>
  readonly #watches: Pick<Watches, 'cluster' | 'wroteCluster'>

  constructor(client: Pick<KubeClient, 'apply' | 'patch'>, watches: Pick<Watches, 'cluster' | 'wroteCluster'>) {
    this.#client = client
    this.#watches = watches
  }

  /** The cluster of a key, as the watch or our own last write shows it, whichever is newer; `undefined` once it is gone. */
  latest(key: string): OpenStackCluster | undefined {
    const [namespace = '', name = ''] = key.split('/')
    return this.#watches.cluster(namespace, name)
  }

  /** The cluster with our finalizer, which is added where it is not there. Throws a KubeError of status 409 where somebody has changed the cluster since. */
  async withFinalizer(cluster: OpenStackCluster, signal: AbortSignal): Promise<OpenStackCluster> {
    const { finalizers = [] } = cluster.metadata
    return finalizers.includes(finalizer) ? cluster : this.#patchFinalizers(cluster, [...finalizers, finalizer], signal)
  }

  /** Takes our finalizer away: nothing more is to be done for the cluster. Throws as `withFinalizer`. */
  async release(cluster: OpenStackCluster, signal: AbortSignal): Promise<void> {
    const { finalizers = [] } = cluster.metadata
    await this.#patchFinalizers(
      cluster,
      finalizers.filter((each) => each !== finalizer),
      signal,
    )
  }

  /** Throws a KubeError where the API server refuses the status. */
  async writeStatus({ metadata: { name, namespace } }: OpenStackCluster, status: OpenStackClusterStatus, signal: AbortSignal): Promise<void> {
    const body = { apiVersion, kind, metadata: { name, namespace }, status }
    this.#remember(await this.#client.apply(openStackClusters, body, { fieldManager: manager, force: true, subresource: 'status' }, signal))
  }

  async #patchFinalizers({ metadata }: OpenStackCluster, finalizers: string[], signal: AbortSignal): Promise<OpenStackCluster> {
    const { name, namespace, resourceVersion } = metadata
    const body = { metadata: { finalizers, resourceVersion } }
    return this.#remember(await this.#client.patch(openStackClusters, namespace, name, body, { type: 'merge', fieldManager: manager }, signal))
  }

  #remember(object: KubeObject): OpenStackCluster {
    this.#watches.wroteCluster(object)
    return object as unknown as OpenStackCluster
  }
}
