import { spawn } from 'node:child_process'
import { glob, mkdtemp, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { count, noCounts, sum } from './counts.ts'
import type { Counts, TestEnd } from './counts.ts'

/** A program that counts as one test. */
export interface Check {
  readonly name: string
  readonly command: readonly [program: string, ...args: string[]]
}

/** What a layer's tests need while they run. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string>>
  readonly stop: () => Promise<void>
}

/** A part of the tests. Layers run one after the other, cheap ones first. */
export interface Layer {
  readonly name: string
  readonly checks?: readonly Check[]
  /** Test files, as patterns below the root. */
  readonly files: readonly string[]
  /** Files run side by side unless it is set. */
  readonly serial?: boolean
  /** Whether it runs only where it is named. */
  readonly onRequest?: boolean
  /** How long one test, and one file, may take. */
  readonly timeoutMs: number
  readonly prepare?: (signal: AbortSignal) => Promise<Surroundings>
}

/** What came of a layer. */
export interface LayerResult {
  readonly name: string
  readonly counts: Counts
  readonly seconds: number
}

export interface RunOptions {
  readonly root: string
  readonly signal: AbortSignal
  /** Where the runner's own lines go. */
  readonly print: (line: string) => void
  /** Whether what the programs write is thrown away. */
  readonly quiet?: boolean
}

/** The files of a layer, in order. Absolute, so that an event's name tells a file from a test. */
async function filesOf(layer: Layer, root: string): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob([...layer.files], { cwd: root, exclude: ['**/node_modules/**'] })) files.push(join(root, file))
  return files.toSorted()
}

/** Runs layers until one fails or the signal says to stop. What comes after that is not in the result. */
export async function runLayers(layers: readonly Layer[], options: RunOptions): Promise<LayerResult[]> {
  const results: LayerResult[] = []
  for (const layer of layers) {
    const result = await runLayer(layer, options)
    results.push(result)
    if (result.counts.failed > 0) break
  }
  return results
}

async function runLayer(layer: Layer, options: RunOptions): Promise<LayerResult> {
  const { print, signal } = options
  const begin = performance.now()
  print(`\n━━ ${layer.name}`)
  const all: Counts[] = []
  try {
    for (const check of layer.checks ?? []) all.push(await runCheck(check, options))
    all.push(await runFiles(layer, options))
    const { passed, failed } = sum(all)
    if (passed + failed === 0) throw new Error(`no test ran: expected some in ${layer.files.join(', ')}`)
  } catch (error) {
    print(`✖ ${layer.name}: ${signal.aborted ? 'interrupted' : error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
    all.push({ ...noCounts(), failed: 1 })
  }
  return { name: layer.name, counts: sum(all), seconds: (performance.now() - begin) / 1000 }
}

async function runCheck({ name, command }: Check, options: RunOptions): Promise<Counts> {
  const [program, ...args] = command
  const begin = performance.now()
  const code = await live(program, args, options)
  options.print(`${code === 0 ? '✔' : '✖'} ${name} (${command.join(' ')}) ${((performance.now() - begin) / 1000).toFixed(1)} s`)
  return { ...noCounts(), ...(code === 0 ? { passed: 1 } : { failed: 1 }) }
}

async function runFiles(layer: Layer, options: RunOptions): Promise<Counts> {
  const files = await filesOf(layer, options.root)
  // Without files `node --test` would look for some by itself.
  if (files.length === 0) return noCounts()
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-test-'))
  const surroundings = await layer.prepare?.(options.signal)
  try {
    const events = join(folder, 'events.jsonl')
    const reporters = [
      ['spec', 'stdout'],
      [join(import.meta.dirname, 'reporter.ts'), events],
    ].flatMap(([reporter, destination]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${destination}`])
    // Node.js leaves one processor free, of two the half; yet tests wait for servers most of the time.
    const concurrency = layer.serial ? 1 : Math.max(2, availableParallelism())
    const code = await live(
      process.execPath,
      ['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${layer.timeoutMs}`, ...reporters, ...files],
      options,
      surroundings?.env,
    )
    const counts = count(readEnds(await readFile(events, 'utf8')))
    // Whatever it was that failed: it was no test that is known here.
    return code === 0 || counts.failed > 0 ? counts : { ...counts, failed: 1 }
  } finally {
    await surroundings?.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The last line is left out where it is half of one: the runner was ended while it wrote it. */
function readEnds(text: string): TestEnd[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line): TestEnd => JSON.parse(line))
}

const STOP_MS = 15_000

/** Runs a program that writes to our own terminal; returns its exit code. When the signal says so it is asked to end, and ended after a while. */
async function live(
  program: string,
  args: readonly string[],
  { root, signal, quiet }: RunOptions,
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  signal.throwIfAborted()
  const path = [join(root, 'node_modules', '.bin'), dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter)
  // A runner inside of a runner would report to the outer one and print nothing.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env
  const child = spawn(program, args, { cwd: root, stdio: quiet ? 'ignore' : ['ignore', 'inherit', 'inherit'], env: { ...inherited, PATH: path, ...env } })
  let timer: NodeJS.Timeout | undefined
  const end = () => {
    child.kill('SIGTERM')
    timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  }
  signal.addEventListener('abort', end, { once: true })
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, ended) => resolve(ended === null ? (code ?? 1) : 1))
    })
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', end)
    signal.throwIfAborted()
  }
}

/** A table of what came of the layers, with those that were not run. */
export function summary(layers: readonly Layer[], results: readonly LayerResult[]): string[] {
  return layers.map(({ name }) => {
    const result = results.find((each) => each.name === name)
    if (result === undefined) return `${name.padEnd(12)} not run`
    const { passed, failed, skipped } = result.counts
    const columns = [`${passed} passed`, `${failed} failed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])]
    return `${name.padEnd(12)} ${columns.map((column) => column.padStart(12)).join('')}${`${result.seconds.toFixed(1)} s`.padStart(12)}`
  })
}
