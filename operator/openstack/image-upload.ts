import { createHash } from 'node:crypto'
import { pipeline, Transform } from 'node:stream'
import type { Readable, TransformCallback } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import type { Change } from './change.ts'
import { DeclarationError, isStatus } from './error.ts'
import { FormatCheck } from './image-format.ts'
import { imageFields, listImages, pickImage } from './images.ts'
import type { ImageWant, ListedImage } from './images.ts'
import type { Session } from './session.ts'

/** The file of an image. */
export interface ImageFile {
  readonly stream: Readable
  /** Bytes, where known before the end. */
  readonly size?: number
}

export interface UploadOptions {
  /** Called for each piece, with the number of bytes sent so far. */
  readonly progress?: (sent: number, size: number | undefined) => void
  readonly signal?: AbortSignal
}

/** Longest time from the last byte sent to Glance's answer, in ms: it may still have to write a file of gigabytes to a slow disk. */
const UPLOAD_TIMEOUT = 600_000
/** How often what Glance does by itself is looked at, in ms. */
const POLL = 2000
/** How often the end of a broken upload is looked for: Glance notices within a second. */
const CLEAR_LOOKS = 10
/** In these the file is wrapped in something else, whose bytes are not the disk's. */
const wrapped: ReadonlySet<string> = new Set(['ova', 'ovf'])

/**
 * Makes an image and sends its file, unless it is there. What an interrupted upload left behind (queued, saving) is removed first. `open` is
 * called only when the file is needed. Throws a DeclarationError where the file's SHA-256 or its format is not the declared one; no image is left then.
 */
export async function uploadImage(
  session: Session,
  want: ImageWant,
  open: (signal?: AbortSignal) => Promise<ImageFile>,
  options: UploadOptions = {},
): Promise<{ readonly id: string; readonly changes: readonly Change[] }> {
  const { signal } = options
  const changes: Change[] = []
  const owner = await session.projectId(signal)
  const listed = await listImages(session, { name: want.name, owner }, signal)
  const present = pickImage(listed, want.name, owner)
  if (present?.status === 'active') return { id: present.id, changes }
  // A record that says so itself cannot be deleted once more.
  for (const { id } of listed.filter(({ status }) => status !== 'deleted')) {
    await session.request('image', 'DELETE', `/v2/images/${id}`, { signal })
    changes.push({ action: 'deleted', kind: 'image', name: want.name })
  }
  // The file first: where it cannot be had, there is no record to clear away.
  const file = await open(signal)
  let id: string | undefined
  try {
    ;({ id } = await session.request<ListedImage>('image', 'POST', '/v2/images', { json: imageRecord(want), signal }))
    await sendFile(session, want, id, file, options)
  } catch (error) {
    file.stream.destroy()
    // Without the caller's signal: it may be why we are here. What cannot be cleared now is cleared by the next upload.
    if (id !== undefined) await clear(session, id).catch(() => undefined)
    throw error
  }
  changes.push({ action: 'created', kind: 'image', name: want.name })
  return { id, changes }
}

/** Deletes what a failed upload has left. A record that Glance still has in hand would be written again after its deletion, so its end is waited for. */
async function clear(session: Session, id: string): Promise<void> {
  for (let look = 0; look < CLEAR_LOOKS; look++) {
    const { status } = await session.request<ListedImage>('image', 'GET', `/v2/images/${id}`)
    if (status !== 'saving') break
    await delay(POLL)
  }
  await session.request('image', 'DELETE', `/v2/images/${id}`)
}

function imageRecord(want: ImageWant): Record<string, unknown> {
  return { ...imageFields(want), name: want.name, disk_format: want.diskFormat, container_format: want.containerFormat }
}

/** Sends the file. Where it is to be converted, Glance takes it to its staging area, and stores what it has made of it. */
async function sendFile(session: Session, want: ImageWant, id: string, { stream, size }: ImageFile, { progress, signal }: UploadOptions): Promise<void> {
  const body = new CheckedFile(want, size, progress)
  let failure: Error | undefined
  // An error of either stream ends the other, and with it the request.
  pipeline(stream, body, (error) => {
    failure = error ?? undefined
  })
  const headers = { 'content-type': 'application/octet-stream', ...(size === undefined ? {} : { 'content-length': String(size) }) }
  const place = want.convertTo === undefined ? 'file' : 'stage'
  try {
    await session.request('image', 'PUT', `/v2/images/${id}/${place}`, { body, headers, timeout: UPLOAD_TIMEOUT, signal })
  } catch (error) {
    // What went wrong with the file says more than that the request was broken off.
    const reason = failure ?? (error instanceof Error ? error.cause : undefined)
    if (reason instanceof DeclarationError) throw reason
    if (isStatus(error, 415)) throw new DeclarationError('UnsafeImage', error.detail ?? error.message, { cause: error })
    throw error
  }
  if (want.convertTo !== undefined) return convert(session, want, id, signal)
  const image = await session.request<ListedImage & { readonly size: number }>('image', 'GET', `/v2/images/${id}`, { signal })
  const { os_hash_algo: algorithm, os_hash_value: seen, status } = image
  const sent = algorithm === 'sha256' || algorithm === 'sha512' ? body.digest(algorithm) : undefined
  if (status !== 'active' || image.size !== body.size || (sent !== undefined && seen !== sent)) {
    throw new Error(
      `image ${want.name}: ${body.size} bytes were sent, Glance has ${image.size} with the status ${status} and ${algorithm ?? 'no hash'} ${seen ?? ''}`,
    )
  }
}

/** Has Glance import what is in its staging area, and waits for the end of it. Throws Glance's own reason where it fails. */
async function convert(session: Session, want: ImageWant, id: string, signal?: AbortSignal): Promise<void> {
  await session.request('image', 'POST', `/v2/images/${id}/import`, { json: { method: { name: 'glance-direct' } }, signal })
  for (;;) {
    const { status } = await session.request<ListedImage>('image', 'GET', `/v2/images/${id}`, { signal })
    if (status === 'active') return
    const tasks = await session.list<{ status: string; message: string }>('image', `/v2/images/${id}/tasks`, 'tasks', { signal })
    const failed = tasks.find((task) => task.status === 'failure')
    if (failed !== undefined) throw new Error(`image ${want.name}: Glance cannot convert it to ${want.convertTo}: ${failed.message}`)
    await delay(POLL, undefined, signal === undefined ? {} : { signal })
  }
}

/** What of an image says which file is the right one. */
export type FileWant = Pick<ImageWant, 'name' | 'sha256' | 'diskFormat' | 'containerFormat'>

/**
 * Passes a file through, looks at its format and reckons its hashes. The last piece is held back until all was seen to be right, so that a wrong
 * file never becomes an active image: the request breaks off before its end, and with the first pieces where they show another format.
 */
export class CheckedFile extends Transform {
  size = 0
  readonly #want: FileWant
  readonly #format: FormatCheck | undefined
  readonly #expectedSize: number | undefined
  readonly #progress: UploadOptions['progress']
  readonly #hashes = { sha256: createHash('sha256'), sha512: createHash('sha512') }
  readonly #digests = new Map<string, string>()
  #held: Buffer | undefined

  constructor(want: FileWant, expectedSize?: number, progress?: UploadOptions['progress']) {
    super()
    this.#want = want
    this.#format = wrapped.has(want.containerFormat) ? undefined : new FormatCheck(want.diskFormat)
    this.#expectedSize = expectedSize
    this.#progress = progress
  }

  /** In hex; known once the stream has ended. */
  digest(algorithm: 'sha256' | 'sha512'): string | undefined {
    return this.#digests.get(algorithm)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#hashes.sha256.update(chunk)
    this.#hashes.sha512.update(chunk)
    this.size += chunk.length
    const format = this.#format?.look(chunk)
    if (format !== undefined) return callback(this.#unsafe(format))
    const before = this.#held
    this.#held = chunk
    this.#progress?.(this.size, this.#expectedSize)
    callback(null, before)
  }

  override _flush(callback: TransformCallback): void {
    for (const algorithm of ['sha256', 'sha512'] as const) this.#digests.set(algorithm, this.#hashes[algorithm].digest('hex'))
    callback(this.#wrong(), this.#held)
  }

  /** What is wrong with the whole file. */
  #wrong(): Error | null {
    const { name, sha256 } = this.#want
    const seen = this.digest('sha256')
    if (this.#expectedSize !== undefined && this.size !== this.#expectedSize) {
      return new Error(`image ${name}: the file ended after ${this.size} of ${this.#expectedSize} bytes`)
    }
    if (sha256 !== undefined && seen !== sha256) {
      return new DeclarationError('Refused', `image ${name}: the file's SHA-256 is ${seen ?? ''}, declared is ${sha256}; mend the declaration or the file`)
    }
    const format = this.#format?.end()
    return format === undefined ? null : this.#unsafe(format)
  }

  #unsafe(format: string): DeclarationError {
    const { name, diskFormat } = this.#want
    return new DeclarationError(
      'UnsafeImage',
      `image ${name}: refused as unsafe: diskFormat is ${diskFormat}, and the file is ${format}; mend diskFormat or source`,
    )
  }
}
