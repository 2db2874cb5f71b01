import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative } from 'node:path'
import { catalog } from './catalog.ts'
import type { GeneratedFile, ImageDefinition } from './definition.ts'

/** The names of all images, parents before children. */
export const imageNames: readonly string[] = Object.keys(catalog)

/** Where images are named if nothing else is said: `docker.io/teruwa/<name>` in containerd's eyes. */
export const DEFAULT_REGISTRY = 'teruwa'

/** A file that a definition brings. */
interface Input {
  readonly path: string
  readonly content: string | Uint8Array
  readonly executable: boolean
}

/** All files below a folder, by path; none if the folder does not exist. */
function filesBelow(folder: string): Input[] {
  let entries
  try {
    entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => ({ path: relative(folder, file), content: readFileSync(file), executable: (statSync(file).mode & 0o100) !== 0 }))
}

function hash(parts: readonly (string | Uint8Array)[]): string {
  const sha = createHash('sha256')
  // The lengths keep two neighbouring parts from being read as one.
  for (const part of parts) sha.update(`${Buffer.byteLength(part)}:`).update(part)
  return sha.digest('hex').slice(0, 10)
}

/**
 * The tag of each image: a hash of its definition, its files, the builder's scripts and its parent's tag. `folder` holds one folder an image
 * with its `files/` and `stage/`, and the builder's own `builder/`.
 */
export function tagsOf(definitions: Readonly<Record<string, ImageDefinition>>, folder: string): Record<string, string> {
  const builder = filesBelow(join(folder, 'builder')).flatMap(({ path, content }) => [path, content])
  const tags: Record<string, string> = {}
  for (const [name, definition] of Object.entries(definitions)) {
    const { parent, generate, build: _, ...data } = definition
    const parentTag = parent === undefined ? '' : tags[parent]
    if (parentTag === undefined) throw new Error(`image ${name}: its parent ${parent} is not declared before it`)
    const generated = generate?.({ ...tags }) ?? []
    const files = [...filesBelow(join(folder, name, 'files')), ...filesBelow(join(folder, name, 'stage'))]
    const digest = hash([
      ...builder,
      parentTag,
      JSON.stringify(data),
      ...files.flatMap(({ path, content, executable }) => [path, String(executable), content]),
      ...generated.flatMap(({ path, identity, executable }: GeneratedFile) => [path, String(executable ?? false), identity]),
    ])
    tags[name] = definition.release === undefined ? digest : `${definition.release}-${digest}`
  }
  return tags
}

/** Name → tag of the given images (all by default), computed from the checkout alone. */
export function imageTags(names: readonly string[] = imageNames): Record<string, string> {
  const unknown = names.filter((name) => !imageNames.includes(name))
  if (unknown.length > 0) throw new RangeError(`unknown image ${unknown.join(', ')}; there are ${imageNames.join(', ')}`)
  // The operator's image holds the tags of all before it: an image's tag is the same whoever else is asked for.
  const last = Math.max(...names.map((name) => imageNames.indexOf(name)))
  const tags = tagsOf(Object.fromEntries(Object.entries(catalog).slice(0, last + 1)), import.meta.dirname)
  return Object.fromEntries(names.map((name) => [name, tags[name] ?? '']))
}

/** The images and all that they lie on, parents before children. */
export function withParents(names: readonly string[], definitions: Readonly<Record<string, ImageDefinition>> = catalog): string[] {
  const wanted = new Set<string>()
  const add = (name: string): void => {
    const parent = definitions[name]?.parent
    if (parent !== undefined) add(parent)
    wanted.add(name)
  }
  for (const name of names) add(name)
  return Object.keys(definitions).filter((name) => wanted.has(name))
}

/** Full name of an image, as Docker and Kubernetes take it. */
export function imageReference(name: string, tag: string, registry: string = DEFAULT_REGISTRY): string {
  return `${registry}/${name}:${tag}`
}
