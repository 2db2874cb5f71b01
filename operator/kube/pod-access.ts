import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Access } from './credentials.ts'

/** Where the kubelet puts what a pod's ServiceAccount is known by. */
const FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/** Whether this process is in a pod that has a ServiceAccount. */
export function isInPod(folder: string = FOLDER): boolean {
  return existsSync(join(folder, 'token'))
}

/** The access that a pod has to the API server, by its ServiceAccount. The token is another one from time to time. Throws where a file is missing. */
export async function podAccess(env: NodeJS.ProcessEnv, folder: string = FOLDER): Promise<Access> {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env
  if (host === undefined) throw new Error('KUBERNETES_SERVICE_HOST is not set, although there is a token of a ServiceAccount')
  const [ca, token] = await Promise.all([readFile(join(folder, 'ca.crt'), 'utf8'), readFile(join(folder, 'token'), 'utf8')])
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  return { server, tls: { ca }, headers: { authorization: `Bearer ${token.trim()}` } }
}
