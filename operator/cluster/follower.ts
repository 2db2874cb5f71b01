import { annotations } from '../api/v1alpha1/index.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/types.ts'

/** Shortest time between two looks at a cluster because of what its pods say, in ms: each may be a write of the status. */
const INTERVAL = 5000

/** What the follower needs from its surroundings. */
export interface FollowerOptions {
  readonly client: Pick<KubeClient, 'log'>
  /** Called when a pod has said something new, so many milliseconds before it should be looked at. */
  readonly wake: (delay: number) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Told how the following of a pod has ended: without an error it went well. */
  readonly onEnd?: (error?: unknown) => void
}

interface Followed {
  readonly end: AbortController
  line?: string
}

/** Listens to the pods of one cluster that tell of their progress, as long as they run. */
export class Follower {
  readonly #options: FollowerOptions
  readonly #pods = new Map<string, Followed>()
  /** When the cluster is or was looked at last because of a line. */
  #lookAt = -Infinity

  constructor(options: FollowerOptions) {
    this.#options = options
  }

  /** Follows those of the pods that run and tell of their progress, and no others any more. Returns at once. */
  keep(pods: readonly KubeObject[]): void {
    const telling = new Map(pods.filter(tells).map((pod) => [uidOf(pod), pod]))
    for (const [uid, { end }] of this.#pods) {
      if (telling.has(uid)) continue
      end.abort()
      this.#pods.delete(uid)
    }
    for (const [uid, pod] of telling) if (!this.#pods.has(uid)) void this.#follow(uid, pod)
  }

  /** The last line of a pod that is followed. */
  said(pod: KubeObject): string | undefined {
    return this.#pods.get(uidOf(pod))?.line
  }

  async #follow(uid: string, { metadata: { namespace = '', name } }: KubeObject): Promise<void> {
    const followed: Followed = { end: new AbortController() }
    this.#pods.set(uid, followed)
    try {
      for await (const line of this.#options.client.log(namespace, name, followed.end.signal)) {
        if (line === followed.line) continue
        followed.line = line
        this.#wake()
      }
      this.#options.onEnd?.()
    } catch (error) {
      this.#options.onEnd?.(error)
      // The next look at the cluster tries again; a progress that nobody sees hinders nothing.
    } finally {
      if (this.#pods.get(uid) === followed) this.#pods.delete(uid)
    }
  }

  #wake(): void {
    const now = this.#options.now()
    if (this.#lookAt > now) return
    this.#lookAt = Math.max(now, this.#lookAt + INTERVAL)
    this.#options.wake(this.#lookAt - now)
  }
}

function tells({ metadata, status }: KubeObject): boolean {
  return metadata.annotations?.[annotations.tellsProgress] !== undefined && (status as { phase?: string } | undefined)?.phase === 'Running'
}

function uidOf({ metadata }: KubeObject): string {
  return metadata.uid ?? metadata.name
}
