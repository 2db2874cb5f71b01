import type { Kubectl } from '../../local/kubectl.ts'

/** All states of an object that a watch shows, with the time that each came at. */
export class Recording<T> {
  readonly #states: { readonly at: number; readonly object: T }[] = []
  readonly #stop = new AbortController()

  /** Begins to watch; the object need not be there yet. */
  static of<T = unknown>(kubectl: Kubectl, type: string, name: string, namespace: string): Recording<T> {
    const recording = new Recording<T>()
    const take = (object: unknown) => {
      recording.#states.push({ at: Date.now(), object: object as T })
      return false
    }
    // Its end, too, is told: by the last state once more. A stop shows as an error.
    void kubectl.watchObject([type, name, '--namespace', namespace], take, recording.#stop.signal).catch(() => undefined)
    return recording
  }

  /** What `of` says of the states, one after the other, without those that say the same as the one before. */
  changes<V>(of: (object: T) => V): V[] {
    return this.#states.map(({ object }) => of(object)).filter((value, index, all) => index === 0 || value !== all[index - 1])
  }

  /** When the last state came, in ms since the epoch; of an object that is gone, its end. */
  get lastAt(): number | undefined {
    return this.#states.at(-1)?.at
  }

  stop(): void {
    this.#stop.abort()
  }
}
