import { existsSync } from 'node:fs'
import { chmod, copyFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { cacheFolder } from '../local/cache.ts'
import { CommandError, run } from '../local/command.ts'
import type { Mirrors } from './apt.ts'
import { SUITE } from './apt.ts'
import type { GeneratedFile, ImageDefinition } from './definition.ts'
import type { Engine } from './engine.ts'
import { writeFolder } from './engine.ts'

/** What all builds of one run share. */
export interface Workshop {
  readonly engine: Engine
  /** A folder for the time of the run. */
  readonly temporary: string
  readonly mirrors: Mirrors
  readonly onLine: (name: string, line: string) => void
  readonly signal?: AbortSignal
}

/** One image to build. */
export interface Layer {
  readonly name: string
  readonly definition: ImageDefinition
  readonly generated: readonly GeneratedFile[]
  /** Full name of the parent; the base has none. */
  readonly parent?: string
  /** Full name that the image gets. */
  readonly reference: string
}

/** On every image of ours; its value is the image's name. */
export const IMAGE_LABEL = 'io.teruwa.image'

/** What the engine puts into each container as mount points. */
const ENGINE_FILES = ['.dockerenv', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf']

/** Builds one image. Nothing is left of a build that fails. */
export async function buildLayer(shop: Workshop, layer: Layer): Promise<void> {
  const { name, definition } = layer
  const work = join(shop.temporary, name)
  const generated = join(work, 'generated')
  await mkdir(generated, { recursive: true })
  if (layer.parent === undefined) return buildBase(shop, layer, work)
  if (definition.stage) {
    const { packages, without, script } = definition.stage
    const step = { folder: join(work, 'stage'), packages, without, script: `SOURCE=/run/build/source OUT=/run/build/generated\n${script}` }
    const source = existingFolder(name, 'stage')
    await inContainer(shop, { ...layer, image: layer.parent }, { ...step, source, generated, stage: true }, async () => {})
  }
  await writeGenerated(generated, layer.generated)
  await inContainer(shop, { ...layer, image: layer.parent }, stepOf(layer, work), (container) => commit(shop, layer, container))
}

/** The first layer: debootstrap's, with the security updates, flattened so that nothing is kept twice. */
async function buildBase(shop: Workshop, layer: Layer, work: string): Promise<void> {
  const { engine, signal } = shop
  const { name, definition, reference } = layer
  const root = join(work, 'root')
  const unpacked = `${reference}-debootstrap`
  const cache = cacheFolder('debootstrap')
  await mkdir(cache, { recursive: true })
  shop.onLine(name, 'debootstrap')
  await debootstrap(root, cache, shop)
  // debootstrap copies them from this machine.
  await Promise.all(ENGINE_FILES.map((file) => rm(join(root, file), { force: true })))
  try {
    await engine.importFolder(root, unpacked, signal)
    await inContainer(shop, { ...layer, image: unpacked }, { ...stepOf(layer, work), upgrade: true }, (container) =>
      engine.importContainer(container, { except: ENGINE_FILES, changes: changes(name, definition) }, reference, signal),
    )
  } finally {
    await engine.docker(['rmi', '--force', unpacked]).catch(() => '')
  }
}

async function debootstrap(root: string, cache: string, { mirrors, onLine, signal }: Workshop): Promise<void> {
  try {
    await run('debootstrap', ['--variant=minbase', `--cache-dir=${cache}`, SUITE, root, mirrors.archive], { onLine: (line) => onLine('base', line), signal })
  } catch (error) {
    if (!(error instanceof CommandError)) throw new Error('debootstrap is needed for the base image: apt-get install debootstrap', { cause: error })
    throw error
  }
}

interface Step {
  readonly folder: string
  readonly packages: readonly string[]
  readonly without?: readonly string[]
  readonly script: string
  /** What is copied over the root. */
  readonly files?: string
  /** What the script of a stage reads. */
  readonly source?: string
  readonly generated: string
  readonly stage?: boolean
  readonly upgrade?: boolean
}

/** A folder of an image's own, if it has one. */
function existingFolder(name: string, kind: 'files' | 'stage'): string | undefined {
  const folder = join(import.meta.dirname, name, kind)
  return existsSync(folder) ? folder : undefined
}

function stepOf({ name, definition }: Layer, work: string): Step {
  return {
    folder: join(work, 'image'),
    packages: definition.packages ?? [],
    without: definition.without,
    script: definition.script ?? '',
    files: existingFolder(name, 'files'),
    generated: join(work, 'generated'),
  }
}

/** Runs a step in a new container, hands the stopped container to `use`, and removes it. */
async function inContainer(shop: Workshop, image: { name: string; image: string }, step: Step, use: (container: string) => Promise<void>): Promise<void> {
  const { engine, temporary, signal } = shop
  await writeFolder(step.folder, {
    name: image.name,
    packages: step.packages.join(' '),
    without: (step.without ?? []).map((name) => `${name}\n`).join(''),
    'script.sh': step.script,
    ...(step.upgrade ? { upgrade: '' } : {}),
  })
  const mounts = {
    '/run/build/apt': [join(temporary, 'apt'), 'ro'],
    '/run/build/lists': [join(temporary, 'lists'), 'rw'],
    '/run/build/archives': [cacheFolder('debs'), 'rw'],
    '/run/build/builder': [join(import.meta.dirname, 'builder'), 'ro'],
    '/run/build/image': [step.folder, 'ro'],
    '/run/build/generated': [step.generated, step.stage ? 'rw' : 'ro'],
    ...(step.files === undefined ? {} : { '/run/build/files': [step.files, 'ro'] }),
    ...(step.source === undefined ? {} : { '/run/build/source': [step.source, 'ro'] }),
  }
  const volumes = Object.entries(mounts).flatMap(([target, [source, mode]]) => ['--volume', `${source}:${target}:${mode}`])
  const args = ['create', '--network', 'host', '--tmpfs', '/run:exec,mode=755', '--tmpfs', '/tmp:exec,mode=1777', '--user', '0:0', '--workdir', '/', ...volumes]
  const command = ['--entrypoint', '/bin/sh', image.image, '/run/build/builder/build.sh', ...(step.stage ? ['stage'] : [])]
  const container = (await engine.docker([...args, ...command], { signal })).trim()
  const last: string[] = []
  try {
    await engine.docker(['start', '--attach', container], {
      onLine(line) {
        last.push(line)
        if (last.length > 30) last.shift()
        shop.onLine(image.name, line)
      },
      signal,
    })
    await use(container)
  } catch (error) {
    signal?.throwIfAborted()
    throw new Error(`image ${image.name} cannot be built; the last lines of its log:\n${last.join('\n')}`, { cause: error })
  } finally {
    await engine.docker(['rm', '--force', '--volumes', container]).catch(() => '')
  }
}

async function commit({ engine, signal }: Workshop, { name, definition, reference }: Layer, container: string): Promise<void> {
  const options = changes(name, definition).flatMap((change) => ['--change', change])
  await engine.docker(['commit', ...options, container, reference], { signal })
}

/** How an image's configuration differs from its container's, which had the builder's command. */
function changes(name: string, { env = {} }: ImageDefinition): string[] {
  return [
    'ENTRYPOINT ["/usr/bin/tini","--"]',
    'CMD []',
    'USER 42424:42424',
    'WORKDIR /',
    `LABEL ${IMAGE_LABEL}=${name}`,
    ...Object.entries(env).map(([variable, value]) => `ENV ${variable}=${JSON.stringify(value)}`),
  ]
}

async function writeGenerated(folder: string, files: readonly GeneratedFile[]): Promise<void> {
  for (const { path, from, executable } of files) {
    const target = join(folder, path)
    await mkdir(dirname(target), { recursive: true })
    if ('file' in from) await copyFile(from.file, target)
    else await writeFile(target, from.content)
    await chmod(target, executable ? 0o755 : 0o644)
  }
}
