import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { CommandOptions } from './command.ts'
import { CommandError, ending, run } from './command.ts'

/** A kubectl with a kubeconfig. */
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
}

/** The field manager of all that is applied from here. */
const MANAGER = 'teruwa-local'

/** A kubectl for a cluster on this host: it goes there directly, whatever proxy the host has for the rest of the world. */
export function kubectlOf(program: string, kubeconfig: string): Kubectl {
  const env = { NO_PROXY: '*', no_proxy: '*' }
  const global = ['--kubeconfig', kubeconfig]
  return {
    run: (args, options = {}) => run(program, [...global, ...args], { ...options, env: { ...env, ...options.env } }),
    async apply(objects, signal) {
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects })
      await run(program, [...global, 'apply', '--server-side', '--force-conflicts', `--field-manager=${MANAGER}`, '-f', '-'], { env, input, signal })
    },
    watch: (args, done, signal) => watchUntil(program, [...global, 'get', '--watch', ...args], env, done, signal),
  }
}

async function watchUntil(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  done: (objects: ReadonlyMap<string, readonly string[]>) => boolean,
  signal?: AbortSignal,
): Promise<void> {
  const objects = new Map<string, readonly string[]>()
  for (;;) {
    signal?.throwIfAborted()
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], signal })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    // An abort shows as an error event; the signal itself says why.
    child.on('error', () => {})
    const ended = ending(child)
    for await (const line of createInterface({ input: child.stdout })) {
      const [key = '', ...words] = line.split(' ')
      objects.set(key, words)
      if (!done(objects)) continue
      child.kill()
      await ended
      return
    }
    const { code, killedBy } = await ended
    signal?.throwIfAborted()
    // A watch that the server ends in order is opened again.
    if (code !== 0) throw new CommandError(`kubectl ${args.slice(2, 8).join(' ')}`, code, killedBy, stderr)
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
