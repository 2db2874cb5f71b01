import type { KubeObject } from './types.ts'

/** The objects of one type as they were last seen. Only its reflector writes; what it hands out is shared and not to be changed. */
export class Store {
  readonly #namespaces = new Map<string, Map<string, KubeObject>>()
  readonly #owned = new Map<string, Set<KubeObject>>()

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#namespaces.get(namespace ?? '')?.get(name)
  }

  /** All objects of a namespace, or all there are. */
  list(namespace?: string): readonly KubeObject[] {
    if (namespace !== undefined) return [...(this.#namespaces.get(namespace)?.values() ?? [])]
    return [...this.#namespaces.values()].flatMap((objects) => [...objects.values()])
  }

  /** The objects that have an owner with this uid. */
  ownedBy(uid: string): readonly KubeObject[] {
    return [...(this.#owned.get(uid) ?? [])]
  }

  get size(): number {
    let size = 0
    for (const objects of this.#namespaces.values()) size += objects.size
    return size
  }

  /** Puts an object in the place of what had its name, and returns that. */
  set(object: KubeObject): KubeObject | undefined {
    const { namespace = '', name } = object.metadata
    const old = this.delete(object)
    let objects = this.#namespaces.get(namespace)
    if (objects === undefined) this.#namespaces.set(namespace, (objects = new Map<string, KubeObject>()))
    objects.set(name, object)
    for (const { uid } of object.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(uid)
      if (owned === undefined) this.#owned.set(uid, new Set([object]))
      else owned.add(object)
    }
    return old
  }

  /** Forgets what has the object's name, and returns that. */
  delete({ metadata: { namespace = '', name } }: KubeObject): KubeObject | undefined {
    const objects = this.#namespaces.get(namespace)
    const old = objects?.get(name)
    if (objects === undefined || old === undefined) return undefined
    objects.delete(name)
    if (objects.size === 0) this.#namespaces.delete(namespace)
    for (const { uid } of old.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(uid)
      owned?.delete(old)
      if (owned?.size === 0) this.#owned.delete(uid)
    }
    return old
  }
}
