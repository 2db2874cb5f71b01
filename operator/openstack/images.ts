import type { BootstrapImage } from '../api/v1alpha1/index.ts'
import type { Change, Ensured } from './change.ts'
import { DeclarationError } from './error.ts'
import { changedFields } from './resource.ts'
import type { Listed } from './resource.ts'
import type { Session } from './session.ts'

/** An image without the place that its file comes from. */
export interface ImageWant extends Omit<BootstrapImage, 'source' | 'containerFormat'> {
  readonly containerFormat: NonNullable<BootstrapImage['containerFormat']>
  /** The format that Glance makes of the file when it takes it in, where that is another one. */
  readonly convertTo?: 'raw'
}

/** An image as Glance has it. */
export interface ImageFacts {
  readonly id: string
  /** `queued` (a record without data), `saving`, `active`, … */
  readonly status: string
}

export interface ImagesResult extends Ensured {
  /** The wanted images that Glance has, by name. One that is missing has no entry. */
  readonly images: Readonly<Record<string, ImageFacts>>
  /** Kernels and ramdisks that nobody has uploaded and nobody is going to, in sentences. */
  readonly missing: readonly string[]
}

/** Properties in which Nova looks for the ids of a server's kernel and ramdisk. */
const bootProperties = { kernel: 'kernel_id', ramdisk: 'ramdisk_id' } as const

/** Glance's own word for a change of single fields (RFC 6902 with a media type of its own). */
const PATCH_TYPE = 'application/openstack-images-v2.1-json-patch'

/** An element of GET /v2/images. */
export interface ListedImage extends Listed {
  readonly name: string | null
  readonly status: string
  readonly owner: string
  readonly created_at: string
  readonly os_hash_algo?: string | null
  readonly os_hash_value?: string | null
}

/**
 * Lists images and mends the metadata of those that are there. Makes none: `uploadImage` does. Throws a DeclarationError where the file or
 * its format is another than the declared one.
 */
export async function ensureImages(session: Session, wants: readonly ImageWant[], signal?: AbortSignal): Promise<ImagesResult> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes, images: {}, missing: [] }
  const [listed, owner] = await Promise.all([listImages(session, {}, signal), session.projectId(signal)])
  const found = wants.flatMap((want) => {
    const image = pickImage(listed, want.name, owner)
    return image === undefined ? [] : [{ want, image }]
  })
  for (const { want, image } of found) checkFile(want, image)
  await Promise.all(
    found.map(async ({ want, image }) => {
      const operations = imagePatch(want, image, bootFiles(want, listed, owner))
      if (operations.length === 0) return
      await session.request('image', 'PATCH', `/v2/images/${image.id}`, { json: operations, headers: { 'content-type': PATCH_TYPE }, signal })
      changes.push({ action: 'updated', kind: 'image', name: want.name, fields: operations.map(({ path }) => path.slice(1)) })
    }),
  )
  return {
    changes,
    images: Object.fromEntries(found.map(({ want, image: { id, status } }) => [want.name, { id, status }])),
    missing: missingBootFiles(wants, listed, owner),
  }
}

/** The ids of an image's kernel and ramdisk, as properties; of those that are there. Pure. */
export function bootFiles(want: ImageWant, listed: readonly ListedImage[], owner: string): Record<string, string> {
  return Object.fromEntries(
    bootNames(want).flatMap(({ field, name }) => {
      const image = pickBootFile(listed, name, owner)
      return image === undefined ? [] : [[bootProperties[field], image.id]]
    }),
  )
}

/** Sentences about kernels and ramdisks that are neither there nor among the wanted images. Pure. */
export function missingBootFiles(wants: readonly ImageWant[], listed: readonly ListedImage[], owner: string): string[] {
  return wants.flatMap((want) =>
    bootNames(want)
      .filter(({ name }) => pickBootFile(listed, name, owner) === undefined && wants.every((other) => other.name !== name))
      .map(({ field, name }) => `image ${want.name}: ${field}: there is no image ${name}: declare it in bootstrap.images, upload it, or correct the name`),
  )
}

function bootNames(want: ImageWant): { readonly field: keyof typeof bootProperties; readonly name: string }[] {
  return (['kernel', 'ramdisk'] as const).flatMap((field) => {
    const name = want[field]
    return name === undefined ? [] : [{ field, name }]
  })
}

/** The administrator's own image of a name before anyone else's. */
function pickBootFile(listed: readonly ListedImage[], name: string, owner: string): ListedImage | undefined {
  const active = listed.filter(({ status }) => status === 'active')
  return pickImage(active, name, owner) ?? pickImage(active, name)
}

/** All images that the session may see. */
export function listImages(session: Session, query: { readonly name?: string; readonly owner?: string } = {}, signal?: AbortSignal): Promise<ListedImage[]> {
  // Glance gives 25 a page unless it is asked for more.
  return session.list<ListedImage>('image', '/v2/images', 'images', { query: { limit: 1000, ...query }, signal })
}

/** The image that a name stands for: of several an active one, then the oldest. Without `owner`, anyone's. Pure. */
export function pickImage<T extends Pick<ListedImage, 'name' | 'owner' | 'status' | 'created_at'>>(
  listed: readonly T[],
  name: string,
  owner?: string,
): T | undefined {
  const rank = ({ status, created_at: created }: T) => `${status === 'active' ? 0 : 1} ${created}`
  return listed.filter((image) => image.name === name && (owner === undefined || image.owner === owner)).toSorted((a, b) => rank(a).localeCompare(rank(b)))[0]
}

/** Fields of an image, in Glance's words. */
export function imageFields(want: ImageWant): Record<string, unknown> {
  return { ...want.properties, visibility: want.visibility, min_disk: want.minDiskGiB, min_ram: want.minRamMiB }
}

/** What to change in an image. Pure. Properties that are not declared are left alone: Nova and Glance keep some there. */
export function imagePatch(
  want: ImageWant,
  image: Listed,
  boot: Readonly<Record<string, string>> = {},
): { op: 'add' | 'replace'; path: string; value: unknown }[] {
  return Object.entries(changedFields({ ...imageFields(want), ...boot }, image)).map(([field, value]) => ({
    op: field in image ? 'replace' : 'add',
    // RFC 6901
    path: `/${field.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }))
}

function checkFile(want: ImageWant, image: ListedImage): void {
  if (image.status !== 'active') return
  const { os_hash_algo: algorithm, os_hash_value: seen } = image
  const remedy = 'delete the image, so that it is uploaded again, or declare it under another name'
  if (want.sha256 !== undefined && want.convertTo === undefined && algorithm === 'sha256' && seen !== want.sha256) {
    throw new DeclarationError('ImmutableField', `image ${want.name}: its SHA-256 is ${String(seen)}, declared is ${want.sha256}; ${remedy}`)
  }
  const formats = { disk_format: want.convertTo ?? want.diskFormat, container_format: want.containerFormat }
  for (const [field, value] of Object.entries(changedFields(formats, image))) {
    throw new DeclarationError('ImmutableField', `image ${want.name}: ${field} is ${String(image[field])} and cannot be changed to ${String(value)}; ${remedy}`)
  }
}
