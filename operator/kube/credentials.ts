import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'

/** What opens a TLS connection to the API server. */
export type TlsOptions = Pick<RequestOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>

/** How the API server is reached and who we are there. */
export interface Access {
  /** URL of the server, perhaps with a path that stands before all others; without a slash at its end. */
  readonly server: string
  /** Proxy in front of it, if the kubeconfig names one. */
  readonly proxy?: string
  readonly tls: TlsOptions
  readonly headers: Readonly<Record<string, string>>
}

/** How long credentials are used before they are asked for again, in ms: a mounted token is replaced well before it expires. */
const LIFETIME = 30_000

/**
 * The access that a kubeconfig, or the ServiceAccount of the pod, gives. Everything about its formats and plugins is left to
 * @kubernetes/client-node.
 */
export class Credentials {
  readonly #file: string | undefined
  readonly #now: () => number
  #config: KubeConfig | undefined
  #current: Promise<Access> | undefined
  #readAt = 0

  /** `file`: path of a kubeconfig; without one `KUBECONFIG`, `~/.kube/config` or the pod's ServiceAccount. */
  constructor(file?: string, now: () => number = Date.now) {
    this.#file = file
    this.#now = now
  }

  /** The access to use now: the same object as before, as long as it was not read again. Throws when a file or a plugin fails. */
  async access(): Promise<Access> {
    const now = this.#now()
    if (this.#current === undefined || now - this.#readAt >= LIFETIME) {
      this.#readAt = now
      this.#config ??= load(this.#file)
      this.#current = accessOf(this.#config)
    }
    const current = this.#current
    try {
      return await current
    } catch (error) {
      if (this.#current === current) this.#current = undefined
      throw error
    }
  }

  /** Everything is read again the next time: the server did not accept what we had. */
  reload(): void {
    this.#config = undefined
    this.#current = undefined
  }
}

function load(file: string | undefined): KubeConfig {
  const config = new KubeConfig()
  if (file === undefined) config.loadFromDefault()
  else config.loadFromFile(file)
  return config
}

async function accessOf(config: KubeConfig): Promise<Access> {
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error(`the kubeconfig has no cluster for its context ${JSON.stringify(config.getCurrentContext() ?? '')}`)
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const { ca, cert, key, rejectUnauthorized, servername, auth } = options
  const headers: Record<string, string> = {}
  if (auth) headers['authorization'] = `Basic ${Buffer.from(auth).toString('base64')}`
  for (const [name, value] of Object.entries(options.headers ?? {})) if (value !== undefined) headers[name.toLowerCase()] = String(value).trim()
  return {
    server: cluster.server.replace(/\/+$/, ''),
    ...(cluster.proxyUrl ? { proxy: cluster.proxyUrl } : {}),
    tls: { ca, cert, key, rejectUnauthorized, servername },
    headers,
  }
}
