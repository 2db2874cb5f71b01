import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How a program is run. */
export interface CommandOptions {
  /** Added to the environment of this process. */
  env?: Record<string, string>
  cwd?: string
  /** Written to the program's stdin, which is closed after it. */
  input?: string
  /** Gets each line of stdout and stderr as it is written. */
  onLine?: (line: string) => void
  /** Aborting it ends the program with SIGTERM. */
  signal?: AbortSignal
}

/** A program ended with another exit code than 0; the message holds the end of what it wrote to stderr. */
export class CommandError extends Error {
  readonly command: string
  readonly exitCode: number | null
  readonly stderr: string

  constructor(command: string, exitCode: number | null, signal: string | null, stderr: string) {
    const end = stderr.trim().split('\n').slice(-15).join('\n')
    super(`${command} ended with ${signal ?? `exit code ${exitCode}`}${end === '' ? '' : `:\n${end}`}`)
    this.name = 'CommandError'
    this.command = command
    this.exitCode = exitCode
    this.stderr = stderr
  }
}

/** Runs a program, with no shell in between, and returns its stdout. Throws a `CommandError` when it fails. */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      signal: options.signal,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
    const { onLine } = options
    if (onLine) {
      for (const stream of [child.stdout, child.stderr]) if (stream) createInterface({ input: stream }).on('line', onLine)
    }
    // A program that ends before it has read all of its input tells why on stderr; EPIPE would hide that.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input)
    child.on('error', (cause: NodeJS.ErrnoException) => {
      if (cause.name === 'AbortError') reject(options.signal?.reason ?? cause)
      else reject(new Error(`${program} cannot be run (${cause.code ?? cause.message})`, { cause }))
    })
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else reject(new CommandError(`${program} ${args.slice(0, 6).join(' ')}`, code, signal, stderr))
    })
  })
}

/** Whether a program runs and ends with exit code 0. */
export async function succeeds(program: string, args: readonly string[], signal?: AbortSignal): Promise<boolean> {
  try {
    await run(program, args, { signal })
    return true
  } catch {
    signal?.throwIfAborted()
    return false
  }
}

/** Resolves when a program has ended and its streams are closed, with how it ended. */
export function ending(child: ChildProcess): Promise<{ code: number | null; killedBy: string | null }> {
  return new Promise((resolve) => child.once('close', (code, killedBy) => resolve({ code, killedBy })))
}
