// A shell that a test types into, as a reader of the documents does.

import { spawn } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ending } from '../local/command.ts'

const root = join(import.meta.dirname, '..')

/**
 * Makes a folder look like the repository to who follows the documents in it, with these programs in its folder `bin`.
 * @returns the environment of such a reader's shell, which is at home there
 */
export async function readersFolder(folder: string, programs: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  await mkdir(join(folder, 'bin'), { recursive: true })
  for (const name of ['charts', 'crds', 'manifests']) await symlink(join(root, name), join(folder, name))
  for (const [name, path] of Object.entries(programs)) await symlink(path, join(folder, 'bin', name))
  return { PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, HOME: folder, NO_PROXY: '*', no_proxy: '*' }
}

/** How a command ended. */
export interface Answer {
  readonly code: number
  /** Both stdout and stderr. */
  readonly output: string
}

/** Follows the output of each command, before its exit code. Nothing prints it by itself. */
const MARK = '\u0001'

/** A bash that keeps its variables and its folder from one command to the next. A pipe fails where any of its commands does. */
export class Terminal {
  readonly #shell: ChildProcessWithoutNullStreams
  readonly #closed: Promise<unknown>
  #output = ''
  #heard: () => void = () => {}

  /** @param env Is all that the shell knows: nothing of this process's environment gets in by itself. */
  constructor(folder: string, env: Readonly<Record<string, string>>) {
    this.#shell = spawn('bash', ['--noprofile', '--norc'], { cwd: folder, env, detached: true })
    for (const stream of [this.#shell.stdout, this.#shell.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
        this.#heard()
      })
    this.#closed = ending(this.#shell).then(() => this.#heard())
    // One that has ended is told where something is typed into it.
    this.#shell.stdin.on('error', () => {})
    this.#shell.stdin.write('set -o pipefail; exec 2>&1\n')
  }

  /**
   * Types a command and waits for its end; what goes on in the background says something first.
   * @throws when it takes longer than `seconds`, which ends the shell, or where that has ended
   */
  async type(command: string, seconds: number): Promise<Answer> {
    this.#output = ''
    this.#shell.stdin.write(`{ ${command}\n} </dev/null; printf '${MARK}%s${MARK}' $?\n`)
    const inBackground = /&\s*(#.*)?$/.test(command)
    const end = new RegExp(`${MARK}(\\d+)${MARK}`)
    await this.#until(() => end.test(this.#output) && (!inBackground || this.#output.replace(end, '').trim() !== ''), command, seconds)
    return { code: Number(end.exec(this.#output)?.[1]), output: this.#output.replace(end, '') }
  }

  /** Ends the shell and all that it has started. */
  async close(): Promise<void> {
    if (this.#shell.pid !== undefined && !this.#hasEnded) process.kill(-this.#shell.pid, 'SIGTERM')
    await this.#closed
  }

  get #hasEnded(): boolean {
    return this.#shell.exitCode !== null || this.#shell.signalCode !== null
  }

  async #until(done: () => boolean, command: string, seconds: number): Promise<void> {
    const late = AbortSignal.timeout(seconds * 1000)
    while (!done()) {
      if (this.#hasEnded) throw new Error(`the shell has ended, before or with: ${command}\n${this.#output}`)
      if (late.aborted) {
        await this.close()
        throw new Error(`no end after ${seconds} s of: ${command}\n${this.#output}`)
      }
      await new Promise<void>((resolve) => {
        this.#heard = resolve
        late.addEventListener('abort', () => resolve(), { once: true })
      })
    }
  }
}
