import type { RequestOptions } from 'node:https'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { KubeConfig } from '@kubernetes/client-node'
import { isInPod, podAccess } from './pod-access.ts'

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
 * The access that a kubeconfig, or the ServiceAccount of the pod, gives. Everything about the formats and plugins of a kubeconfig is left to
 * @kubernetes/client-node, which is loaded only where there is one: it takes as much memory as all the rest of the operator.
 */
export class Credentials {
  readonly #file: string | undefined
  readonly #context: string | undefined
  readonly #now: () => number
  #config: KubeConfig | undefined
  #current: Promise<Access> | undefined
  #readAt = 0

  /** `file`: path of a kubeconfig; without one `KUBECONFIG`, `~/.kube/config` or the pod's ServiceAccount. `context`: not its current one. */
  constructor(file?: string, now: () => number = Date.now, context?: string) {
    this.#file = file
    this.#context = context
    this.#now = now
  }

  /** The access to use now: the same object as before, as long as it was not read again. Throws when a file or a plugin fails. */
  async access(): Promise<Access> {
    const now = this.#now()
    if (this.#current === undefined || now - this.#readAt >= LIFETIME) {
      this.#readAt = now
      this.#current = this.#read()
    }
    const current = this.#current
    try {
      return await current
    } catch (error) {
      if (this.#current === current) this.#current = undefined
      throw error
    }
  }

  async #read(): Promise<Access> {
    if (this.#file === undefined && this.#context === undefined && !hasDefaultFile() && isInPod()) return podAccess(process.env)
    const { loadKubeconfig, kubeconfigAccess } = await import('./kubeconfig.ts')
    this.#config ??= loadKubeconfig(this.#file, this.#context)
    return kubeconfigAccess(this.#config)
  }

  /** Everything is read again the next time: the server did not accept what we had. */
  reload(): void {
    this.#config = undefined
    this.#current = undefined
  }
}

/** A kubeconfig that is named, or that is where everybody looks for one, comes before the pod's ServiceAccount. */
function hasDefaultFile(): boolean {
  return Boolean(process.env['KUBECONFIG']) || existsSync(join(homedir(), '.kube', 'config'))
}
