import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../local/cache.ts'
import { CommandError, run } from '../local/command.ts'

/** A client of the Docker engine for builds. */
export interface Engine {
  docker(args: readonly string[], options?: { onLine?: (line: string) => void; signal?: AbortSignal }): Promise<string>
  /** Runs `tar … | docker import OPTIONS - reference`. */
  importFolder(folder: string, reference: string, signal?: AbortSignal): Promise<void>
  /** Makes an image of one layer from all files of a container but the `except`ed ones. */
  importContainer(container: string, options: { except: readonly string[]; changes: readonly string[] }, reference: string, signal?: AbortSignal): Promise<void>
}

type Program = readonly [string, ...string[]]

/**
 * An engine whose client has no configuration of its own: the user's may name proxies, and the client would write them into the
 * environment of every container and so into the image. It still talks to the engine of the user's context.
 */
export async function buildEngine(temporary: string, signal?: AbortSignal): Promise<Engine> {
  const host = process.env['DOCKER_HOST'] ?? (await run('docker', ['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], { signal })).trim()
  const config = join(temporary, 'docker')
  await mkdir(config, { recursive: true })
  const global = ['--config', config, '--host', host]
  return {
    docker: (args, options) => run('docker', [...global, ...args], options),
    importFolder: (folder, reference, signal) =>
      pipe(
        [
          ['tar', '-C', folder, '--numeric-owner', '-c', '.'],
          ['docker', ...global, 'import', '-', reference],
        ],
        signal,
      ),
    importContainer: (container, { except, changes }, reference, signal) => {
      const options = changes.flatMap((change) => ['--change', change])
      return pipe(
        [
          ['docker', ...global, 'export', container],
          ['tar', '--delete', '-f', '-', ...except],
          ['docker', ...global, 'import', ...options, '-', reference],
        ],
        signal,
      )
    },
  }
}

/** Runs programs with the stdout of each as stdin of the next. */
async function pipe(commands: readonly Program[], signal?: AbortSignal): Promise<void> {
  const children = commands.map(([program, ...args]) => spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], signal }))
  children[0]?.stdin.end()
  children.at(-1)?.stdout.resume()
  for (const [index, child] of children.entries()) {
    // Each program says by itself why it ended; EPIPE of its neighbour would hide that.
    child.stdin.on('error', () => {})
    const next = children[index + 1]
    if (next) child.stdout.pipe(next.stdin)
  }
  const ended = async (child: (typeof children)[number], [program, ...args]: Program): Promise<void> => {
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const [code, killedBy] = (await once(child, 'close')) as [number | null, string | null]
    if (code !== 0) throw new CommandError(`${program} ${args.slice(0, 6).join(' ')}`, code, killedBy, stderr)
  }
  await Promise.all(commands.map((command, index) => ended(children[index] ?? raise(index), command)))
}

function raise(index: number): never {
  throw new RangeError(`there is no program ${index}`)
}

/** A folder below the cache for the time of a build. */
export async function withTemporary<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const parent = cacheFolder('images')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'build-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes files by name into a folder, which is made. */
export async function writeFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true })
  await Promise.all(Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content)))
}
