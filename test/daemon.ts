// Programs that tests run in the background, and ports for them.

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

/** Ports of this host that nobody listens on. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports: number[] = []
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('expected a port')
    ports.push(address.port)
  }
  for (const server of servers) server.close()
  return ports
}

/** Whether somebody listens on a port of this host. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

/** A program that runs in the background. */
export interface Daemon {
  /** Throws when it has ended, with the end of its log. */
  check(): Promise<void>
  stop(): Promise<void>
}

/** How long it has to end, in ms, before it is killed. */
const STOP_MS = 5_000

/** Starts a program with its log in `folder`, where it runs. `env` is added to the environment. */
export function startDaemon(name: string, program: string, args: readonly string[], folder: string, env: Readonly<Record<string, string>> = {}): Daemon {
  const logFile = join(folder, `${name}.log`)
  let failure: string | undefined
  const started = launchInto(logFile, program, args, folder, env)
  const ended = (async () => {
    try {
      const child = await started
      await once(child, 'exit')
      failure = `ended with ${child.signalCode ?? `exit code ${child.exitCode}`}`
    } catch (error) {
      failure = error instanceof Error ? error.message : String(error)
    }
  })()
  return {
    async check() {
      if (failure === undefined) return
      const log = await readFile(logFile, 'utf8').catch(() => '')
      throw new Error(`${name} ${failure}:\n${log.trim().split('\n').slice(-15).join('\n')}`)
    },
    async stop() {
      if (failure !== undefined) return
      const child = await started
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
      await ended
      clearTimeout(timer)
    },
  }
}

async function launchInto(
  logFile: string,
  program: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  await using log = await open(logFile, 'w')
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', log.fd, log.fd] })
  await once(child, 'spawn')
  return child
}
