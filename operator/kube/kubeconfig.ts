import type { RequestOptions } from 'node:https'
import { KubeConfig } from '@kubernetes/client-node'
import type { Access } from './credentials.ts'

// In a file of its own, so that it and what it brings are loaded only where it is asked for.

/** Reads a kubeconfig: the one of the path, or the one that everybody looks for. Throws when it cannot be read, or has no such context. */
export function loadKubeconfig(file: string | undefined, context?: string): KubeConfig {
  const config = new KubeConfig()
  if (file === undefined) config.loadFromDefault()
  else config.loadFromFile(file)
  if (context === undefined) return config
  const names = config.getContexts().map(({ name }) => name)
  if (!names.includes(context)) throw new Error(`the kubeconfig has no context ${JSON.stringify(context)}; it has ${names.join(', ') || 'none'}`)
  config.setCurrentContext(context)
  return config
}

/** The access that it gives now; files and plugins that it names are asked. */
export async function kubeconfigAccess(config: KubeConfig): Promise<Access> {
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
