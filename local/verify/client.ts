import { existsSync } from 'node:fs'
import { ensurePackages } from '../host.ts'
import { run } from '../command.ts'
import type { CommandOptions } from '../command.ts'

/** Where the stock client may be, and Debian's package of it. */
const CLIENT = '/usr/bin/openstack'

/** Makes sure that there is a stock `openstack` client; Debian's is installed where there is none. Returns its path. */
export async function ensureOpenStackClient(options: { onUpdate?: (message: string) => void; signal?: AbortSignal } = {}): Promise<string> {
  const found = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => `${folder}/openstack`)
    .find((path) => existsSync(path))
  if (found !== undefined) return found
  await ensurePackages(options, { 'python3-openstackclient': [CLIENT] })
  return CLIENT
}

/** The stock client, as one user of the cloud. */
export class OpenStackClient {
  /** Path of the program. */
  readonly program: string
  readonly #environment: Record<string, string>
  readonly #signal: AbortSignal | undefined

  constructor(options: { readonly program: string; readonly cloudsFile: string; readonly cloud: string; readonly signal?: AbortSignal }) {
    this.program = options.program
    // Variables of the caller's own cloud would be mixed in otherwise.
    const foreign = Object.keys(process.env).filter((name) => name.startsWith('OS_'))
    this.#environment = { ...Object.fromEntries(foreign.map((name) => [name, ''])), OS_CLIENT_CONFIG_FILE: options.cloudsFile, OS_CLOUD: options.cloud }
    this.#signal = options.signal
  }

  /** Runs a command and returns what it prints. */
  text(...args: readonly string[]): Promise<string> {
    return this.#run(args)
  }

  /** Runs a command and returns what it prints with `-f json`. The caller vouches for the type. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const output = await this.#run([...args, '-f', 'json'])
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client's documented columns; a missing one fails the check that reads it
    return JSON.parse(output) as T
  }

  /**
   * Creates a server and waits until it is ACTIVE. Throws Nova's own word on what failed where it is not: the client's `--wait` ends with exit code 0
   * for a server in ERROR, too.
   */
  async boot(name: string, ...options: readonly string[]): Promise<void> {
    const output = await this.text('server', 'create', '--wait', ...options, name)
    if (!output.includes('Error creating server')) return
    const { status, fault } = await this.json<{ status: string; fault?: unknown }>('server', 'show', name)
    throw new Error(`expected server ${name} to be ACTIVE; it is ${status}: ${JSON.stringify(fault ?? 'Nova names no fault')}`)
  }

  #run(args: readonly string[]): Promise<string> {
    const options: CommandOptions = { env: this.#environment, ...(this.#signal ? { signal: this.#signal } : {}) }
    return run(this.program, args, options)
  }
}
