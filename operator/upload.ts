import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { request } from 'undici'
import { DeclarationError } from './openstack/error.ts'
import { uploadImage } from './openstack/image-upload.ts'
import type { ImageFile } from './openstack/image-upload.ts'
import { Session } from './openstack/session.ts'
import type { UploadImage } from './bootstrap/images.ts'

/** How often a download follows a redirect. */
const REDIRECTS = 5
/** Longest time without a byte of a download, in ms. */
const DOWNLOAD_TIMEOUT = 60_000
/** How often progress is told, in ms. */
const PROGRESS_INTERVAL = 5000

/** The Job `upload-image`: brings one image to Glance. What to do is in UPLOAD_IMAGE, the administrator's password in OS_PASSWORD. */
export async function runUpload(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<void> {
  const { image, from, authUrl, region, glanceUrl } = JSON.parse(required(environment, 'UPLOAD_IMAGE')) as UploadImage
  const session = new Session({
    authUrl,
    region,
    username: 'admin',
    password: required(environment, 'OS_PASSWORD'),
    scope: { project: 'admin' },
    endpoints: { image: glanceUrl },
  })
  let told = Date.now()
  const progress = (sent: number, size: number | undefined): void => {
    if (Date.now() - told < PROGRESS_INTERVAL) return
    told = Date.now()
    console.log(`image ${image.name}: ${mebibytes(sent)}${size === undefined ? '' : ` of ${mebibytes(size)}`} MiB`)
  }
  const open = (inner?: AbortSignal) => ('url' in from ? download(image.name, from.url, inner) : openFile(from.file))
  const { id, changes } = await uploadImage(session, image, open, { progress, signal })
  console.log(`image ${image.name} is ${id}${changes.length === 0 ? ', which was there already' : ''}`)
}

function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name]
  if (!value) throw new Error(`the environment has no ${name}`)
  return value
}

async function openFile(path: string): Promise<ImageFile> {
  const { size } = await stat(path)
  return { stream: createReadStream(path), size }
}

/** Opens the file at a URL. Redirects are followed; a proxy of the environment is not used. */
export async function download(name: string, url: string, signal?: AbortSignal): Promise<ImageFile> {
  let place = url
  for (let hop = 0; hop <= REDIRECTS; hop++) {
    let answer
    try {
      answer = await request(place, { signal: signal ?? null, headersTimeout: DOWNLOAD_TIMEOUT, bodyTimeout: DOWNLOAD_TIMEOUT })
    } catch (error) {
      signal?.throwIfAborted()
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
      throw new Error(`image ${name}: ${place} cannot be fetched (${code}); mend source.url, or see that pods can reach it`, { cause: error })
    }
    const { statusCode, headers, body } = answer
    const { location } = headers
    if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
      await body.dump()
      place = new URL(location, place).href
      continue
    }
    if (statusCode !== 200) {
      await body.dump()
      throw new DeclarationError('NotFound', `image ${name}: ${place} gives ${statusCode}; mend source.url`)
    }
    const length = Number(headers['content-length'])
    return { stream: Readable.from(body), ...(Number.isSafeInteger(length) && length > 0 ? { size: length } : {}) }
  }
  throw new DeclarationError('NotFound', `image ${name}: ${url} redirects more than ${REDIRECTS} times; mend source.url`)
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0)
}
