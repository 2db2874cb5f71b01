import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { CommandOptions } from './command.ts'
import { CommandError, ending, run } from './command.ts'

/** A kubectl that knows its cluster. */
export interface Kubectl {
  /** Runs it and returns its stdout. */
  run(args: readonly string[], options?: CommandOptions): Promise<string>
  /** Applies objects on the server's side as one list. */
  apply(objects: readonly object[], signal?: AbortSignal): Promise<void>
  /**
   * Watches until `done` says so: each line that the watch prints is the words of one object, of which the first is its key. `done` gets
   * the last words of each key.
   */
  watch(args: readonly string[], done: (objects: ReadonlyMap<string, readonly string[]>) => boolean, signal?: AbortSignal): Promise<void>
  /** Watches one object until `done` says so; it need not be there yet. */
  watchObject(
    object: readonly [type: string, name: string, ...more: readonly string[]],
    done: (object: unknown) => boolean,
    signal?: AbortSignal,
  ): Promise<void>
}

/** The field manager of all that is applied from here. */
const MANAGER = 'teruwa-local'

/**
 * A kubectl. With a kubeconfig of a cluster on this host it goes there directly, whatever proxy the host has for the rest of the world;
 * without one it uses the environment's.
 */
export function kubectlOf(program: string, kubeconfig?: string): Kubectl {
  const env: Record<string, string> = kubeconfig === undefined ? {} : { NO_PROXY: '*', no_proxy: '*' }
  const global = kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]
  const watchLines = (args: readonly string[], onLine: (line: string) => boolean, signal?: AbortSignal) =>
    linesUntil(program, [...global, 'get', '--watch', ...args], env, onLine, signal)
  return {
    run: (args, options = {}) => run(program, [...global, ...args], { ...options, env: { ...env, ...options.env } }),
    async apply(objects, signal) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      await run(program, [...global, 'apply', '--server-side', '--force-conflicts', `--field-manager=${MANAGER}`, '-f', '-'], { env, input, signal })
    },
    watch(args, done, signal) {
      const objects = new Map<string, readonly string[]>()
      const onLine = (line: string) => {
        const [key = '', ...words] = line.split(' ')
        objects.set(key, words)
        return done(objects)
      }
      return watchLines(args, onLine, signal)
    },
    watchObject([type, name, ...more], done, signal) {
      let lines: string[] = []
      const onLine = (line: string) => {
        lines.push(line)
        // Objects are printed one after the other, indented: only the last line of each is a brace alone.
        if (line !== '}') return false
        const text = lines.join('\n')
        lines = []
        return done(JSON.parse(text))
      }
      // By a selector: of an object that is asked for by its name, kubectl reads it, begins to watch, and drops what the watch says first, which may be a
      // change in between.
      return watchLines([type, '--field-selector', `metadata.name=${name}`, ...more, '-o', 'json'], onLine, signal)
    },
  }
}

async function linesUntil(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  onLine: (line: string) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted()
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], signal })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // An abort shows as an error event; the signal itself says why.
    child.on('error', () => {})
    const ended = ending(child)
    try {
      for await (const line of createInterface({ input: child.stdout })) if (onLine(line)) return
    } finally {
      child.kill()
      await ended
    }
    const { code, killedBy } = await ended
    signal?.throwIfAborted()
    // A watch that the server ends in order is opened again.
    if (code !== 0 && stderr !== '') throw new CommandError(`kubectl ${args.slice(args.indexOf('get')).slice(0, 6).join(' ')}`, code, killedBy, stderr)
  }
}

/** Waits until the API server says that it is ready. It can't be watched before it is, hence asked again. */
export async function waitForServer(kubectl: Kubectl, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await kubectl.run(['get', '--raw', '/readyz', '--request-timeout=5s'], { signal })
      return
    } catch {
      signal.throwIfAborted()
    }
    await delay(200, undefined, { signal })
  }
}
