import { spawn } from 'node:child_process'
import { CommandError, ending } from './command.ts'
import { exec } from './docker.ts'

/** How the loading of images is followed. */
export interface LoadOptions {
  readonly onUpdate?: (message: string) => void
  readonly signal?: AbortSignal
}

/** Bytes between two messages. */
const SHOW_EACH = 20e6

/** The name by which containerd knows an image that Docker knows by a shorter one. */
export function fullReference(reference: string): string {
  const [first = '', ...rest] = reference.split('/')
  if (rest.length === 0) return `docker.io/library/${reference}`
  return /[.:]/.test(first) || first === 'localhost' ? reference : `docker.io/${reference}`
}

/** Brings images of the Docker engine to every node that lacks them. Returns what was brought to at least one. */
export async function loadImages(nodes: readonly string[], references: readonly string[], options: LoadOptions = {}): Promise<string[]> {
  const lacking = await Promise.all(
    nodes.map(async (node) => {
      const have = new Set((await exec(node, ['ctr', '-n', 'k8s.io', 'images', 'ls', '-q'], { signal: options.signal })).split('\n'))
      return { node, missing: references.filter((reference) => !have.has(fullReference(reference))) }
    }),
  )
  const missing = references.filter((reference) => lacking.some((node) => node.missing.includes(reference)))
  if (missing.length === 0) return []
  const targets = lacking.filter((node) => node.missing.length > 0).map(({ node }) => node)
  await transfer(missing, targets, options)
  return missing
}

/** One `docker save` of all of them, so that layers which they share are sent once, into the import of each node at the same time. */
async function transfer(images: readonly string[], nodes: readonly string[], { onUpdate, signal }: LoadOptions): Promise<void> {
  const what = `${images.length} image${images.length === 1 ? '' : 's'} to ${nodes.join(', ')}`
  onUpdate?.(what)
  const failed = new AbortController()
  const both = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  const save = spawn('docker', ['save', ...images], { stdio: ['ignore', 'pipe', 'pipe'], signal: both })
  const imports = nodes.map((node) =>
    spawn('docker', ['exec', '-i', node, 'ctr', '-n', 'k8s.io', 'images', 'import', '-'], { stdio: ['pipe', 'ignore', 'pipe'], signal: both }),
  )
  let bytes = 0
  let shown = 0
  save.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes - shown < SHOW_EACH) return
    shown = bytes
    onUpdate?.(`${what}: ${Math.round(bytes / 1e6)} MB`)
  })
  for (const { stdin } of imports) {
    // A program that ends early says why by itself.
    stdin.on('error', () => {})
    save.stdout.pipe(stdin)
  }
  await Promise.all(
    [save, ...imports].map(async (child) => {
      let stderr = ''
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
      // Abortion is told by the signal, anything else by the exit code.
      child.on('error', () => {})
      const { code, killedBy } = await ending(child)
      // The first that fails ends the others, which would wait for it for ever.
      if (code !== 0) failed.abort(new CommandError(child.spawnargs.slice(0, 8).join(' '), code, killedBy, stderr))
    }),
  )
  signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
}
