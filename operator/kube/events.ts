import { randomBytes } from 'node:crypto'
import type { KubeClient } from './client.ts'
import type { Clock } from './clock.ts'
import { isNotFound } from './error.ts'
import { microTime } from './lease.ts'
import type { Log } from './log.ts'
import { ResourceTypes } from './resources.ts'
import type { KubeObject } from './types.ts'

export interface EventRecorderOptions {
  readonly client: Pick<KubeClient, 'create' | 'patch'>
  /** Who reports, e.g. `openstack.teruwa.io/teruwa`. */
  readonly controller: string
  /** Which of its instances: the name of the pod. */
  readonly instance: string
  readonly clock: Clock
  readonly log: Log
  /** Told how each write went: without an error it succeeded. */
  readonly onWrite?: (error?: unknown) => void
}

/** The server accepts no longer notes, in bytes. */
const NOTE_LENGTH = 1024
/** The same event after this time without one is a new one, in ms. The server forgets an event after an hour. */
const WINDOW = 6 * 60_000
/** A series that goes on is written this often, in ms. */
const SERIES_INTERVAL = 60_000
/** New events of one reason that an object may have at once, and the time until it may have one more, in ms: those of client-go. */
const BURST = 25
const REFILL = 300_000
/** More that wait to be sent are dropped. */
const QUEUE = 1000

interface Series {
  readonly namespace: string
  readonly name: string
  count: number
  lastAt: number
  /** Count and time of the last write. */
  writtenCount: number
  writtenAt: number
}

interface Bucket {
  tokens: number
  filledAt: number
}

/**
 * Tells in Events what happens to objects. The same one again within a window counts up instead of making another. Best effort: nothing here
 * throws or waits, and what cannot be sent is logged and dropped.
 */
export class EventRecorder {
  readonly #options: EventRecorderOptions
  readonly #series = new Map<string, Series>()
  readonly #buckets = new Map<string, Bucket>()
  readonly #stop = new AbortController()
  #sending: Promise<void> = Promise.resolve()
  #queued = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
  }

  /** `reason` is CamelCase and machine-readable, `message` for a person, `action` what was done or not (default: the reason). */
  record(object: KubeObject, type: 'Normal' | 'Warning', reason: string, message: string, action?: string): void {
    const { clock } = this.#options
    const now = clock.now()
    this.#forget(now)
    const note = cut(message)
    const key = JSON.stringify([object.metadata.uid ?? object.metadata.name, object.kind, type, reason, note])
    const series = this.#series.get(key)
    if (series !== undefined) {
      series.count += 1
      series.lastAt = now
      if (series.writtenCount === 1 || now - series.writtenAt >= SERIES_INTERVAL) this.#writeSeries(series)
      return
    }
    if (!this.#takeToken(object, `${type} ${reason}`, now)) return
    const event = this.#eventOf(object, { type, reason, note, action: action ?? reason, now })
    const { namespace = '', name } = event.metadata
    this.#series.set(key, { namespace, name, count: 1, lastAt: now, writtenCount: 1, writtenAt: now })
    this.#send(async (client, signal) => {
      await client.create(ResourceTypes.events, event, signal)
    })
  }

  /** Writes the counts that have not been written, and waits until all is sent. */
  async flush(): Promise<void> {
    for (const series of this.#series.values()) if (series.count > series.writtenCount) this.#writeSeries(series)
    await this.#sending
  }

  /** Drops what is not sent yet. */
  stop(): void {
    this.#stop.abort()
  }

  #eventOf(object: KubeObject, facts: { type: string; reason: string; note: string; action: string; now: number }): KubeObject {
    const { type, reason, note, action, now } = facts
    const { apiVersion, kind, metadata } = object
    const { namespace, name, uid, resourceVersion } = metadata
    return {
      apiVersion: ResourceTypes.events.apiVersion,
      kind: ResourceTypes.events.kind,
      metadata: { name: `${name.slice(0, 230)}.${randomBytes(8).toString('hex')}`, namespace: namespace ?? 'default' },
      eventTime: microTime(now),
      reportingController: this.#options.controller,
      reportingInstance: this.#options.instance.slice(0, 128),
      type,
      reason: reason.slice(0, 128),
      action: action.slice(0, 128),
      note,
      regarding: { apiVersion, kind, name, ...(namespace ? { namespace } : {}), ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) },
    }
  }

  #writeSeries(series: Series): void {
    series.writtenCount = series.count
    series.writtenAt = this.#options.clock.now()
    const body = { series: { count: series.count, lastObservedTime: microTime(series.lastAt) } }
    this.#send(async (client, signal) => {
      try {
        await client.patch(ResourceTypes.events, series.namespace, series.name, body, { type: 'merge' }, signal)
      } catch (error) {
        // Expired, or never made: the next one of its kind starts anew.
        if (!isNotFound(error)) throw error
        for (const [key, each] of this.#series) if (each === series) this.#series.delete(key)
      }
    })
  }

  /** One after another, so that a count never comes before its event. */
  #send(write: (client: EventRecorderOptions['client'], signal: AbortSignal) => Promise<void>): void {
    if (this.#queued >= QUEUE) return
    this.#queued += 1
    this.#sending = this.#writeAfter(this.#sending, write)
  }

  async #writeAfter(earlier: Promise<void>, write: (client: EventRecorderOptions['client'], signal: AbortSignal) => Promise<void>): Promise<void> {
    const { client, log, onWrite } = this.#options
    const { signal } = this.#stop
    await earlier
    this.#queued -= 1
    if (signal.aborted) return
    try {
      await write(client, signal)
      onWrite?.()
    } catch (error) {
      if (signal.aborted) return
      log.warn('an event was not written', { error })
      onWrite?.(error)
    }
  }

  /** Each reason has a bucket of its own: a busy object must not lose the event that says what is wrong with it, or that all is well. */
  #takeToken({ kind, metadata }: KubeObject, sort: string, now: number): boolean {
    const key = `${sort}/${kind}/${metadata.uid ?? metadata.name}`
    const bucket = this.#buckets.get(key) ?? { tokens: BURST, filledAt: now }
    this.#buckets.set(key, bucket)
    const refilled = Math.floor((now - bucket.filledAt) / REFILL)
    bucket.tokens = Math.min(BURST, bucket.tokens + refilled)
    bucket.filledAt += refilled * REFILL
    if (bucket.tokens === 0) return false
    bucket.tokens -= 1
    return true
  }

  /** Ends series that did not go on, with their last count, and drops buckets that are full again. */
  #forget(now: number): void {
    for (const [key, series] of this.#series) {
      if (now - series.lastAt < WINDOW) continue
      if (series.count > series.writtenCount) this.#writeSeries(series)
      this.#series.delete(key)
    }
    for (const [key, bucket] of this.#buckets) if (now - bucket.filledAt >= BURST * REFILL) this.#buckets.delete(key)
  }
}

function cut(message: string): string {
  if (Buffer.byteLength(message) <= NOTE_LENGTH) return message
  const part = Buffer.from(message).subarray(0, NOTE_LENGTH - Buffer.byteLength('…'))
  // A character that was cut through becomes the sign for that.
  return `${part.toString().replace(/\uFFFD$/, '')}…`
}
