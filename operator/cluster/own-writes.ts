import type { KubeObject } from '../kube/types.ts'

/** Objects as our own last writes left them: a watch shows them only a little later, and to act on an old one would undo what was just done. */
export class OwnWrites {
  readonly #written = new Map<string, KubeObject>()

  /** Keeps what the API server answered to a write. */
  remember(key: string, object: KubeObject): void {
    this.#written.set(key, object)
  }

  /** The object as the watch or our own last write shows it, whichever is newer. One that the watch does not show is gone. */
  newest(key: string, seen: KubeObject | undefined): KubeObject | undefined {
    const written = this.#written.get(key)
    if (seen === undefined || written === undefined) return seen
    // etcd's revisions: a newer one is greater.
    if (written.metadata.uid === seen.metadata.uid && revisionOf(written) > revisionOf(seen)) return written
    this.#written.delete(key)
    return seen
  }

  /** Whether an object is just what our last write left. */
  has(key: string, { metadata: { uid, resourceVersion } }: KubeObject): boolean {
    const written = this.#written.get(key)?.metadata
    return written !== undefined && written.uid === uid && written.resourceVersion === resourceVersion
  }

  forget(key: string): void {
    this.#written.delete(key)
  }
}

function revisionOf({ metadata }: KubeObject): bigint {
  return BigInt(metadata.resourceVersion ?? 0)
}
