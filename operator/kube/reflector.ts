import { backoff } from './backoff.ts'
import type { KubeClient, ListPage, WatchEvent } from './client.ts'
import { systemClock } from './clock.ts'
import type { Clock } from './clock.ts'
import { KubeError, isGone, isStatus } from './error.ts'
import type { Log } from './log.ts'
import { Store } from './store.ts'
import type { KubeObject, ResourceType } from './types.ts'

/** A change of the store, after it was made. */
export interface StoreChange {
  readonly type: 'added' | 'updated' | 'deleted'
  /** The object as it is now; as it was last when it is gone. */
  readonly object: KubeObject
  /** Of an update: as it was. */
  readonly old?: KubeObject
}

export interface ReflectorOptions {
  readonly client: Pick<KubeClient, 'list' | 'watch'>
  readonly type: ResourceType
  /** Default: all namespaces. */
  readonly namespace?: string
  readonly labelSelector?: string
  /** Called for each change, in order. What it throws is logged. */
  readonly onChange: (change: StoreChange) => void
  readonly log: Log
  readonly clock?: Clock
  /** 0 ≤ x < 1 */
  readonly random?: () => number
}

const PAGE = 500
/** First and longest wait after a failure, in ms. */
const FIRST_RETRY = 200
const LAST_RETRY = 30_000
/** After so many failures in a row the watch is not resumed any more. */
const RELIST_AFTER = 3
/** After so many refusals in a row we have no right to a list. */
const BELIEVED_REFUSALS = 3
/** Shortest duration of a watch, in seconds; up to as much again is added at random, so that not all are renewed at once. */
const WATCH_SECONDS = 300
/** Time beyond its duration after which a watch that the server has not ended is given up, in ms. */
const GRACE = 10_000
/** A watch that ends within this time (in ms) and has brought nothing counts as a failure, else a broken proxy makes us spin. */
const SHORT = 1000

/**
 * Keeps a store equal to what the API server has: lists once, then follows a watch from there, for ever. Every failure is logged and tried
 * again; a change that was missed in between is found, deletions too.
 */
export class Reflector {
  readonly type: ResourceType
  readonly store = new Store()
  /** Resolves when the first list is in the store. Never rejects. */
  readonly synced: Promise<void>
  /** Resolves as well when the API server does not let us have the first list. */
  readonly settled: Promise<void>
  readonly #options: ReflectorOptions & { readonly clock: Clock; readonly random: () => number }
  readonly #setSynced: () => void
  readonly #setSettled: () => void
  #isSynced = false
  /** How often in a row the first list was forbidden. */
  #forbidden = 0
  /** From where the next watch goes on; `undefined`: list first. */
  #version: string | undefined
  #failures = 0
  /** Whether the next list is to be taken for new, whatever its versions say. */
  #anew = false
  /** Ends what is under way, or waited for, so that it is begun anew. */
  #interruption = new AbortController()

  constructor(options: ReflectorOptions) {
    this.type = options.type
    this.#options = { ...options, clock: options.clock ?? systemClock, random: options.random ?? Math.random }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.synced = promise
    this.#setSynced = resolve
    const settled = Promise.withResolvers<void>()
    this.settled = settled.promise
    this.#setSettled = settled.resolve
  }

  /** Begins, and goes on until the signal is aborted. */
  start(signal: AbortSignal): void {
    void this.#run(signal)
  }

  /** Lists again and takes every object for changed: its kind was defined anew, and the server shows other fields of the same version. */
  refresh(): void {
    this.#anew = true
    this.#interruption.abort()
  }

  isSynced(): boolean {
    return this.#isSynced
  }

  /** Whether there is no list since we have no right to it; it is tried again all the same. A server that just starts may say so by mistake. */
  isForbidden(): boolean {
    return !this.#isSynced && this.#forbidden >= BELIEVED_REFUSALS
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, type } = this.#options
    while (!signal.aborted) {
      let wait = 0
      try {
        this.#version ??= await this.#list(signal)
        this.#version = await this.#watch(this.#version, signal)
      } catch (error) {
        if (signal.aborted) return
        if (this.#isInterrupted()) continue
        this.#failures += 1
        this.#forbidden = isStatus(error, 403) ? this.#forbidden + 1 : 0
        if (this.isForbidden()) this.#setSettled()
        wait = this.#delayAfter(error)
        if (isGone(error)) log.debug('watch is too far behind, listing again', { kind: type.kind })
        else log.warn('list or watch failed', { kind: type.kind, retryInMs: Math.round(wait), error })
      }
      // eslint-disable-next-line promise/prefer-await-to-then -- only an abort can end it early, and the loop sees that
      if (wait > 0) await clock.sleep(wait, AbortSignal.any([signal, this.#interruption.signal])).catch(() => undefined)
    }
  }

  /** Whether somebody wants a new list; it is taken up then. */
  #isInterrupted(): boolean {
    if (!this.#interruption.signal.aborted) return false
    this.#interruption = new AbortController()
    this.#version = undefined
    return true
  }

  #delayAfter(error: unknown): number {
    const { random } = this.#options
    // A version may be unknown in other ways than too old: after a restore of etcd it lies in the future.
    if (isGone(error) || this.#failures >= RELIST_AFTER) this.#version = undefined
    // To be behind is no fault of anybody, once.
    if (isGone(error) && this.#failures === 1) return 0
    const delay = backoff(this.#failures, { first: FIRST_RETRY, last: LAST_RETRY, random })
    return error instanceof KubeError && error.retryAfter !== undefined ? Math.max(delay, error.retryAfter) : delay
  }

  /** Makes the store equal to a list; returns the version of that. */
  async #list(signal: AbortSignal): Promise<string> {
    const { items, resourceVersion } = await this.#allPages(signal)
    const names = new Set(items.map(keyOf))
    for (const object of this.store.list()) if (!names.has(keyOf(object))) this.#remove(object)
    const anew = this.#anew
    this.#anew = false
    for (const object of items) this.#put(object, anew)
    if (!this.#isSynced) {
      this.#isSynced = true
      this.#setSynced()
      this.#setSettled()
    }
    return resourceVersion
  }

  async #allPages(signal: AbortSignal): Promise<ListPage> {
    const { client, type, namespace, labelSelector } = this.#options
    const query = { namespace, labelSelector }
    let page = await client.list(type, { ...query, limit: PAGE }, signal)
    const items = page.items
    while (page.continue !== undefined) {
      try {
        page = await client.list(type, { ...query, limit: PAGE, continue: page.continue }, signal)
      } catch (error) {
        // The token lives as long as etcd's history. A list in one piece needs none.
        if (isGone(error)) return await client.list(type, query, signal)
        throw error
      }
      items.push(...page.items)
    }
    return { items, resourceVersion: page.resourceVersion }
  }

  /** Follows a watch until it ends; returns from where to go on. */
  async #watch(from: string, signal: AbortSignal): Promise<string> {
    const { client, type, namespace, labelSelector, clock, random } = this.#options
    const timeoutSeconds = Math.round(WATCH_SECONDS * (1 + random()))
    const startedAt = clock.now()
    // A server, or something before it, that keeps a dead watch open would leave us blind: the connection looks healthy.
    const silence = new AbortController()
    const cancel = clock.after(timeoutSeconds * 1000 + GRACE, () => silence.abort())
    let events = 0
    try {
      const options = { namespace, labelSelector, resourceVersion: from, timeoutSeconds }
      for await (const event of client.watch(type, options, AbortSignal.any([signal, silence.signal, this.#interruption.signal]))) {
        events += 1
        this.#failures = 0
        this.#take(event)
        // Kept at once: what breaks the watch must not throw us back.
        this.#version = event.object.metadata.resourceVersion ?? this.#version
      }
    } catch (error) {
      if (signal.aborted || !silence.signal.aborted) throw error
      return this.#version ?? from
    } finally {
      cancel()
    }
    if (events === 0 && clock.now() - startedAt < SHORT) throw new Error('the watch ended at once, without an event')
    this.#failures = 0
    return this.#version ?? from
  }

  #take({ type, object }: WatchEvent): void {
    if (type === 'BOOKMARK') return
    if (type === 'DELETED') this.#remove(object)
    else this.#put(object)
  }

  #put(given: KubeObject, anew = false): void {
    const object = withoutManagedFields(given)
    const { namespace, name, uid, resourceVersion } = object.metadata
    const old = this.store.get(namespace, name)
    if (old === undefined) {
      this.store.set(object)
      this.#tell({ type: 'added', object })
    } else if (old.metadata.uid !== uid) {
      // Deleted and made again while we did not look.
      this.#remove(old)
      this.#put(object)
    } else if (anew || old.metadata.resourceVersion !== resourceVersion) {
      this.store.set(object)
      this.#tell({ type: 'updated', object, old })
    }
  }

  #remove(given: KubeObject): void {
    if (this.store.delete(given) !== undefined) this.#tell({ type: 'deleted', object: withoutManagedFields(given) })
  }

  #tell(change: StoreChange): void {
    const { onChange, log } = this.#options
    try {
      onChange(change)
    } catch (error) {
      log.error('handling a change failed', { kind: change.object.kind, name: change.object.metadata.name, error })
    }
  }
}

function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`
}

/** managedFields are often more than half of an object, and nobody here reads them. */
function withoutManagedFields(object: KubeObject): KubeObject {
  if (!('managedFields' in object.metadata)) return object
  const { managedFields: _, ...metadata } = object.metadata
  return { ...object, metadata }
}
