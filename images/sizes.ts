import { docker } from '../local/docker.ts'
import { catalog } from './catalog.ts'
import { imageNames, imageReference, imageTags, withParents } from './tags.ts'

/** Sizes of an image on disk, uncompressed, in bytes. */
export interface ImageSize {
  readonly name: string
  readonly reference: string
  /** Of the layer that is its own. */
  readonly own: number
  /** Of the layers that it has from its parent. */
  readonly shared: number
}

/** Sizes of the images that are built. */
export async function imageSizes(options: { names?: readonly string[]; signal?: AbortSignal } = {}): Promise<ImageSize[]> {
  const { names = imageNames, signal } = options
  // A parent that was not asked for still says what is shared.
  const all = withParents(names)
  const tags = imageTags(all)
  const sizeOf = async (reference: string): Promise<number | undefined> => {
    const lines = await docker(['images', '--quiet', reference], { signal })
    if (lines.trim() === '') return undefined
    return Number(await docker(['image', 'inspect', '--format', '{{.Size}}', reference], { signal }))
  }
  const references = new Map(all.map((name) => [name, imageReference(name, tags[name] ?? '')]))
  const totals = new Map(await Promise.all([...references].map(async ([name, reference]) => [name, await sizeOf(reference)] as const)))
  return names.flatMap((name) => {
    const total = totals.get(name)
    if (total === undefined) return []
    const parent = catalog[name]?.parent
    const shared = (parent === undefined ? 0 : totals.get(parent)) ?? 0
    return [{ name, reference: references.get(name) ?? '', own: total - shared, shared }]
  })
}

const mb = (bytes: number): string => (bytes / 1e6).toFixed(1)

/** A table of sizes in MB, with the sum that all of them take together. */
export function sizesTable(sizes: readonly ImageSize[]): string {
  const rows = [
    ['image', 'own MB', 'shared MB', 'reference'],
    ...sizes.map(({ name, own, shared, reference }) => [name, mb(own), mb(shared), reference]),
    ['together', mb(sizes.reduce((sum, { own }) => sum + own, 0)), '', ''],
  ]
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map(([name = '', own = '', shared = '', reference = '']) =>
      `${name.padEnd(widths[0] ?? 0)}  ${own.padStart(widths[1] ?? 0)}  ${shared.padStart(widths[2] ?? 0)}  ${reference}`.trimEnd(),
    )
    .join('\n')
}
