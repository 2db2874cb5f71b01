import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { Definitions } from './definitions.ts'
import { missingLists } from './faults.ts'
import type { Want } from './preflight.ts'
import type { Watches } from './watches.ts'

/** Why a cluster is left as it is. */
export interface Hold {
  readonly reason: string
  readonly message: string
  /** When to look whether it is over, in ms: there may be no event of that. */
  readonly requeueAfter: number
}

/** Looks at what is lacking before anything of a cluster is made. */
export type Preflight = (cluster: OpenStackCluster, signal: AbortSignal) => Promise<readonly Want[]>

/** What the guards look at. */
export interface GuardsOptions {
  readonly watches: Pick<Watches, 'forbidden' | 'clusters' | 'ownedBy'>
  /** How old the API server's definitions are. Default: as new as the operator. */
  readonly definitions: Pick<Definitions, 'fault'> | undefined
  /** Default: nothing is lacking. */
  readonly preflight: Preflight | undefined
}

/** When a cluster that waits for another one's end, or for rights of the operator's, is looked at again, in ms. The end wakes it as well. */
export const BLOCKED_INTERVAL = 30_000
/** When a cluster that lacks something is looked at again, in ms: nothing tells that it is there. */
const LACKING_INTERVAL = 5000

/** Keep the operator from acting on a cluster that it does not see whole, that is not the only one of its namespace, or that could never get ready. */
export class Guards {
  readonly #options: GuardsOptions

  constructor(options: GuardsOptions) {
    this.#options = options
  }

  /** Why a cluster must not even be looked at: what is seen of it would be wrong, or is another one's. */
  hold(cluster: OpenStackCluster): Hold | undefined {
    const { watches, definitions } = this.#options
    const forbidden = watches.forbidden()
    if (forbidden.length > 0)
      return { reason: 'MissingRights', message: `${missingLists(forbidden)}; until then everything stays as it is`, requeueAfter: BLOCKED_INTERVAL }
    const outdated = definitions?.fault()
    if (outdated?.blocks) return { reason: outdated.reason, message: outdated.message, requeueAfter: BLOCKED_INTERVAL }
    const rival = this.#rival(cluster)
    if (rival === undefined) return undefined
    const message = `the namespace ${cluster.metadata.namespace} holds the OpenStackCluster ${rival} already, and a namespace can hold one: make this one in another namespace`
    return { reason: 'NamespaceInUse', message, requeueAfter: BLOCKED_INTERVAL }
  }

  /** What is lacking for a cloud of which nothing was made yet; one that is there tells by itself what it waits for. */
  async lack(cluster: OpenStackCluster, signal: AbortSignal): Promise<Hold | undefined> {
    const { watches, preflight } = this.#options
    if (preflight === undefined || watches.ownedBy(cluster.metadata.uid).length > 0) return undefined
    const wants = await preflight(cluster, signal)
    const [first] = wants
    return first && { reason: first.reason, message: wants.map(({ message }) => message).join('; '), requeueAfter: LACKING_INTERVAL }
  }

  /** An older cluster of the same namespace: its objects have the same names. */
  #rival(cluster: OpenStackCluster): string | undefined {
    return this.#options.watches.clusters(cluster.metadata.namespace).find((other) => ageOf(other) < ageOf(cluster))?.metadata.name
  }
}

/** Sorts before that of a younger cluster. */
function ageOf({ metadata }: OpenStackCluster): string {
  return `${metadata.creationTimestamp} ${metadata.name}`
}
