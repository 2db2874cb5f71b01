import { createServer } from 'node:http'
import type { RequestListener, Server, ServerResponse } from 'node:http'
import { METRICS_CONTENT_TYPE } from './metrics.ts'
import type { Registry } from './metrics.ts'

/** Passes, or says (as text or by throwing) why not. */
export type Check = () => boolean | string | Promise<boolean | string>

export interface HealthOptions {
  /** Port of `/healthz` and `/readyz`; 0: any. */
  readonly port: number
  /** Port of `/metrics`; 0: any. Left out: no metrics are served. */
  readonly metricsPort?: number
  /** Address to listen on. Default: all. */
  readonly host?: string
  readonly registry?: Registry
  /** Names of what makes the process fit to go on; a failure gets it restarted. */
  readonly live?: Readonly<Record<string, Check>>
  /** Names of what makes it ready. */
  readonly ready?: Readonly<Record<string, Check>>
}

/** Answers the kubelet and Prometheus. */
export class HealthServer {
  readonly #options: HealthOptions
  readonly #servers: Server[] = []

  constructor(options: HealthOptions) {
    this.#options = options
  }

  /** Listens; returns the ports. Throws when one is taken. */
  async start(): Promise<{ readonly port: number; readonly metricsPort?: number }> {
    const { port, metricsPort, registry } = this.#options
    const health = await this.#listen(port, (request, response) => void this.#answer(request.url ?? '', response))
    if (metricsPort === undefined || registry === undefined) return { port: health }
    const metrics = await this.#listen(metricsPort, (request, response) => {
      if (pathOf(request.url) === '/metrics') response.writeHead(200, { 'content-type': METRICS_CONTENT_TYPE }).end(registry.text())
      else response.writeHead(404).end()
    })
    return { port: health, metricsPort: metrics }
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#servers.splice(0).map(async (server) => {
        const closed = new Promise<void>((resolve) => {
          server.close(() => resolve())
        })
        server.closeAllConnections()
        await closed
      }),
    )
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const { live = {}, ready = {} } = this.#options
    const path = pathOf(url)
    if (path !== '/healthz' && path !== '/readyz') {
      response.writeHead(404).end()
      return
    }
    const failures = await failuresOf(path === '/healthz' ? live : ready)
    response.writeHead(failures.length > 0 ? 500 : 200, { 'content-type': 'text/plain; charset=utf-8' })
    response.end(failures.length > 0 ? `${failures.join('\n')}\n` : 'ok\n')
  }

  async #listen(port: number, listener: RequestListener): Promise<number> {
    const server = createServer(listener)
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, this.#options.host, resolve)
    })
    this.#servers.push(server)
    const address = server.address()
    return address === null || typeof address === 'string' ? port : address.port
  }
}

async function failuresOf(checks: Readonly<Record<string, Check>>): Promise<string[]> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        const result = await check()
        return result === true ? undefined : `${name}: ${result === false ? 'failed' : result}`
      } catch (error) {
        return `${name}: ${error instanceof Error ? error.message : String(error)}`
      }
    }),
  )
  return results.filter((result) => result !== undefined)
}

function pathOf(url = ''): string {
  return url.split('?', 1)[0] ?? ''
}
