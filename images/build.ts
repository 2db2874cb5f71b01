import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../local/cache.ts'
import { writeAptFolder } from './apt.ts'
import { catalog } from './catalog.ts'
import type { Engine } from './engine.ts'
import { buildEngine, withTemporary } from './engine.ts'
import type { Workshop } from './layer.ts'
import { buildLayer } from './layer.ts'
import { inOrder } from './order.ts'
import { imageNames, imageReference, imageTags, withParents } from './tags.ts'

export { DEFAULT_REGISTRY, imageNames, imageReference, imageTags } from './tags.ts'
export { imageSizes } from './sizes.ts'

/** Something that happened to an image. */
export interface BuildProgress {
  readonly name: string
  /** `present`: its inputs did not change since it was built. */
  readonly state: 'present' | 'building' | 'built' | 'failed'
  /** While building: the last line of the log. */
  readonly message?: string
  /** Duration of the build so far. */
  readonly seconds: number
}

/** What to build and whom to tell. */
export interface BuildOptions {
  /** All images by default. Parents are built with them. */
  readonly names?: readonly string[]
  readonly onProgress?: (progress: BuildProgress) => void
  readonly signal?: AbortSignal
}

/** Two builds keep two cores and a download busy; more only wait for each other. */
const AT_ONCE = 2

/** Builds the images that the engine does not have yet, parents first, two at a time. Returns the full name of each asked-for image. */
export async function buildImages(options: BuildOptions = {}): Promise<Record<string, string>> {
  const { names = imageNames, onProgress = () => {} } = options
  const all = withParents(names)
  const tags = imageTags(all)
  const references = Object.fromEntries(all.map((name) => [name, imageReference(name, tags[name] ?? '')]))
  await withTemporary(async (temporary) => {
    const engine = await buildEngine(temporary, options.signal)
    const missing = await missingImages(engine, references, options.signal)
    for (const name of all) if (!missing.includes(name)) onProgress({ name, state: 'present', seconds: 0 })
    if (missing.length > 0) await build(missing, { ...options, onProgress }, references, engine, temporary)
  })
  return Object.fromEntries(names.map((name) => [name, references[name] ?? '']))
}

async function missingImages(engine: Engine, references: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<string[]> {
  const have = new Set((await engine.docker(['images', '--format', '{{.Repository}}:{{.Tag}}'], { signal })).split('\n'))
  return Object.keys(references).filter((name) => !have.has(references[name] ?? ''))
}

async function build(
  missing: readonly string[],
  options: BuildOptions & { onProgress: (progress: BuildProgress) => void },
  references: Readonly<Record<string, string>>,
  engine: Engine,
  temporary: string,
): Promise<void> {
  // The first failure ends the others: what they would still do is of no use to anybody now.
  const failed = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failed.signal]) : failed.signal
  const started = new Map<string, number>()
  const tell = (name: string, state: BuildProgress['state'], message?: string) =>
    options.onProgress({ name, state, message, seconds: (performance.now() - (started.get(name) ?? performance.now())) / 1000 })
  await Promise.all([mkdir(cacheFolder('debs', 'partial'), { recursive: true }), mkdir(join(temporary, 'lists', 'partial'), { recursive: true })])
  // Everything in a container's root must be passable for its users, and mkdtemp makes folders for the owner alone.
  await chmod(temporary, 0o755)
  const mirrors = await writeAptFolder(join(temporary, 'apt'), signal)
  const shop: Workshop = { engine, temporary, mirrors, onLine: (name, line) => tell(name, 'building', line), signal }
  await inOrder(
    missing,
    (name) => catalog[name]?.parent,
    AT_ONCE,
    async (name) => {
      signal.throwIfAborted()
      const definition = catalog[name]
      if (definition === undefined) throw new RangeError(`unknown image ${name}`)
      started.set(name, performance.now())
      tell(name, 'building')
      try {
        const parent = definition.parent === undefined ? undefined : references[definition.parent]
        const generated = definition.generate?.(imageTags(imageNames.slice(0, imageNames.indexOf(name)))) ?? []
        await buildLayer(shop, { name, definition, generated, parent, reference: references[name] ?? '' })
      } catch (error) {
        tell(name, 'failed', error instanceof Error ? error.message : String(error))
        failed.abort(error)
        throw error
      }
      tell(name, 'built')
    },
  )
}
