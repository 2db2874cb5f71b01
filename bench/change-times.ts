import { setTimeout as delay } from 'node:timers/promises'
import type { KubeClient } from '../operator/kube/client.ts'
import type { KubeObject, ResourceType } from '../operator/kube/types.ts'

/** A row of changes of one object, and how one sees that each is applied. */
export interface Changes {
  readonly client: KubeClient
  readonly type: ResourceType
  readonly namespace: string | undefined
  readonly name: string
  /** What is watched for the effect, in the same namespace. */
  readonly watched: ResourceType
  readonly count: number
  /** The merge patch of each change. */
  readonly change: (index: number) => unknown
  /** `changed` is the API server's answer to the patch. */
  readonly isApplied: (seen: KubeObject, changed: KubeObject, index: number) => boolean
}

/** Between two changes, in ms: one that comes while the one before is still being written would measure both. */
const PAUSE = 500
/** Longest time for one change, in ms. */
const PATIENCE = 30_000

/** Times from the moment that a change is sent to the moment that a watch shows its effect, in ms. Throws when one does not come. */
export async function changeTimes({ client, type, namespace, name, watched, count, change, isApplied }: Changes, signal: AbortSignal): Promise<number[]> {
  const { resourceVersion } = await client.list(watched, { namespace, limit: 1 }, signal)
  const seen: { readonly object: KubeObject; readonly at: number }[] = []
  let news = Promise.withResolvers<void>()
  const ended = new AbortController()
  const watching = watch()
  try {
    const times: number[] = []
    for (let index = 0; index < count; index++) {
      await delay(PAUSE, undefined, { signal })
      seen.length = 0
      const startedAt = performance.now()
      const changed = await client.patch(type, namespace, name, change(index), { type: 'merge', fieldManager: 'teruwa-bench' }, signal)
      times.push((await effect(changed, index)) - startedAt)
    }
    return times
  } finally {
    ended.abort()
    await watching
  }

  async function watch(): Promise<void> {
    const all = AbortSignal.any([signal, ended.signal])
    try {
      for await (const { object } of client.watch(watched, { namespace, resourceVersion, timeoutSeconds: 3600 }, all)) {
        seen.push({ object, at: performance.now() })
        news.resolve()
        news = Promise.withResolvers()
      }
    } catch (error) {
      if (!ended.signal.aborted) throw error
    }
  }

  /** When the effect was seen; it may have been before the answer to the patch. */
  async function effect(changed: KubeObject, index: number): Promise<number> {
    const late = AbortSignal.timeout(PATIENCE)
    for (;;) {
      const found = seen.find(({ object }) => isApplied(object, changed, index))
      if (found !== undefined) return found.at
      const next = news.promise
      await Promise.race([next, delay(PATIENCE, undefined, { signal: late, ref: false }).catch(() => undefined)])
      if (late.aborted) throw new Error(`change ${index} of ${type.kind} ${name} had no effect within ${PATIENCE / 1000} s`)
    }
  }
}
