import type { KubeClient, WatchEvent, WatchOptions } from '../../operator/kube/client.ts'
import { KubeError } from '../../operator/kube/error.ts'
import { collectionPath } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import { matches } from './api.ts'
import type { ApiEvent, ModelApi } from './api.ts'
import type { ProcessClock } from './clock.ts'

/** What becomes of a request. `refused`: nothing was done; `lost`: it was done, and the answer says that it was not. */
export type Fate = { readonly kind: 'done' } | { readonly kind: 'refused' | 'lost'; readonly status: number | undefined }

/** What lies between a client and the server. Times in ms. */
export interface Weather {
  /** From the client to the server, or back. */
  latency(): number
  fate(method: string, type: ResourceType): Fate
  /** How far behind a watch is with what it brings next. */
  lag(): number
  /** How long a watch lasts at most, and whether it then breaks off instead of ending. */
  watchEnd(): { readonly after: number; readonly broken: boolean }
  /** Calls back when the server breaks off all watches, until the function that it returns is called. */
  onBreak(run: () => void): () => void
}

export interface ModelClientOptions {
  readonly api: ModelApi
  readonly clock: ProcessClock
  readonly weather: Weather
  /** Told of each write when it has been done, before its answer is on the way. */
  readonly onWrite: (method: string, type: ResourceType, name: string) => void
}

/** The client of one process: requests to the model, as far away as the weather has it. What a killed process has sent may still arrive. */
export function modelClient({ api, clock, weather, onWrite }: ModelClientOptions): KubeClient {
  const errorOf = (method: string, type: ResourceType, status: number | undefined) =>
    new KubeError({ method, path: collectionPath(type), ...(status === undefined ? {} : { status }), ...(status === 429 ? { retryAfter: 1000 } : {}) })

  function request<T>(method: string, type: ResourceType, name: string, signal: AbortSignal | undefined, run: () => T): Promise<T> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error)
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const fate = weather.fate(method, type)
    clock.outlived(weather.latency(), () => {
      let answer = () => reject(errorOf(method, type, fate.kind === 'done' ? undefined : fate.status))
      if (fate.kind !== 'refused') {
        try {
          const result = run()
          if (method !== 'GET') onWrite(method, type, name)
          if (fate.kind === 'done') answer = () => resolve(result)
        } catch (error) {
          answer = () => reject(error)
        }
      }
      clock.after(weather.latency(), () => {
        signal?.removeEventListener('abort', onAbort)
        answer()
      })
    })
    return promise
  }

  return {
    get: (type, namespace, name, signal) => request('GET', type, name, signal, () => api.get(type, namespace, name)),
    list: (type, options, signal) => request('GET', type, '', signal, () => ({ items: api.list(type, options), resourceVersion: String(api.revision) })),
    watch: (type, options, signal) => watch({ api, clock, weather }, type, options, signal),
    // oxlint-disable-next-line require-yield -- nobody says anything here
    async *log(_namespace, _pod, signal) {
      await new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
    create: (type, object, signal) => request('POST', type, object.metadata.name, signal, () => api.create(type, object)),
    apply: (type, object, options, signal) => request('PATCH', type, object.metadata.name, signal, () => api.apply(type, object, options)),
    patch: (type, namespace, name, body, options, signal) => request('PATCH', type, name, signal, () => api.patch(type, namespace, name, body, options)),
    update: (type) => Promise.reject(errorOf('PUT', type, 405)),
    delete: (type, namespace, name, options, signal) =>
      request('DELETE', type, name, signal, () => {
        api.delete(type, namespace, name, options)
      }),
    close: () => Promise.resolve(),
  }
}

/** The event as a watch with this selector shows it; `undefined`: not at all. What no longer has the labels is shown as it was, gone. */
export function shown({ type, object, old }: ApiEvent, selector: string | undefined): WatchEvent | undefined {
  const before = old !== undefined && matches(old, selector)
  const after = type !== 'DELETED' && matches(object, selector)
  if (after) return { type: before ? 'MODIFIED' : 'ADDED', object }
  if (!before) return undefined
  const { resourceVersion } = object.metadata
  return { type: 'DELETED', object: { ...old, metadata: { ...old.metadata, ...(resourceVersion === undefined ? {} : { resourceVersion }) } } }
}

async function* watch(
  { api, clock, weather }: Pick<ModelClientOptions, 'api' | 'clock' | 'weather'>,
  type: ResourceType,
  { namespace, labelSelector, resourceVersion, timeoutSeconds }: WatchOptions,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  await clock.sleep(weather.latency(), signal)
  let seen = Number(resourceVersion)
  const waiting: WatchEvent[] = []
  let wake: (() => void) | undefined
  let ended: { readonly broken: boolean } | undefined
  let due = false
  const bring = (): void => {
    due = false
    for (const event of api.since(type, seen)) {
      seen = event.revision
      const visible = namespace === undefined || event.object.metadata.namespace === namespace ? shown(event, labelSelector) : undefined
      if (visible !== undefined) waiting.push(visible)
    }
    wake?.()
  }
  if (api.hasForgotten(seen)) throw new KubeError({ method: 'WATCH', path: collectionPath(type), status: 410, reason: 'Expired' })
  const stopListening = api.listen((changed) => {
    if (!clock.alive) stopListening()
    else if (changed.plural === type.plural && !due && ended === undefined) {
      due = true
      clock.after(weather.lag(), () => ended === undefined && bring())
    }
  })
  const { after, broken } = weather.watchEnd()
  const cancel = clock.after(Math.min(after, timeoutSeconds * 1000), () => {
    ended = { broken: broken && after < timeoutSeconds * 1000 }
    wake?.()
  })
  const stopBreaking = weather.onBreak(() => {
    ended ??= { broken: true }
    wake?.()
  })
  const onAbort = () => wake?.()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    bring()
    for (;;) {
      signal.throwIfAborted()
      const event = waiting.shift()
      if (event !== undefined) yield event
      else if (ended?.broken) throw new KubeError({ method: 'WATCH', path: collectionPath(type), detail: 'the connection broke' })
      else if (ended !== undefined) {
        yield { type: 'BOOKMARK', object: bookmark(type, seen) }
        return
      } else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    ended ??= { broken: false }
    stopListening()
    stopBreaking()
    cancel()
    signal.removeEventListener('abort', onAbort)
  }
}

function bookmark({ apiVersion, kind }: ResourceType, revision: number): KubeObject {
  return { apiVersion, kind, metadata: { name: '', resourceVersion: String(revision) } }
}
