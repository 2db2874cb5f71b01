// What a test of clouds begins with: an API server that serves their resources, and an administrator's ways to it.

import { join } from 'node:path'
import { ensureGoModule } from '../../local/build.ts'
import { kubectlOf } from '../../local/kubectl.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { labels } from '../../operator/api/v1alpha1/index.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { connect } from '../../operator/kube/rest-client.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer, ApiServerOptions } from './api-server.ts'
import { serveResources } from './crd.ts'

export interface KubernetesOptions extends ApiServerOptions {
  /** Made at the beginning. On a server that is shared they are this file's alone. */
  readonly namespaces?: readonly string[]
  /** Whether the resources of crds/ are served; a test that brings them in another way says no. Default: yes. */
  readonly resources?: boolean
  /** How the client calls itself, for who looks for it in `audit`. */
  readonly userAgent?: string
}

/** An API server, and an administrator's ways to it. */
export interface Kubernetes extends ApiServer {
  readonly client: KubeClient
  readonly kubectl: Kubectl
}

/** The API server of the run or one of its own, as `apiServer` gives it, with all that is asked for. Leaves nothing behind when it throws. */
export async function kubernetes({ namespaces = [], resources = true, userAgent = 'teruwa', ...options }: KubernetesOptions = {}): Promise<Kubernetes> {
  const server = await apiServer(options)
  let client: KubeClient | undefined
  const stop = async () => {
    await client?.close()
    await server.stop()
  }
  try {
    client = await connect({ kubeconfig: server.kubeconfigPath, userAgent })
    if (resources) await serveResources(server)
    for (const name of namespaces) await client.create(ResourceTypes.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
    return { ...server, client, kubectl: await kubectlFor(server), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** An administrator's kubectl. */
export async function kubectlFor({ kubeconfigPath }: ApiServer): Promise<Kubectl> {
  return kubectlOf(join(await ensureGoModule('kubernetes'), 'kubectl'), kubeconfigPath)
}

const bothRoles = { [labels.hypervisor]: '', [labels.network]: '' }

/** Makes a node that is ready, as a kubelet would: by default one that runs guests and the network's agents. */
export async function makeNode(
  client: KubeClient,
  name: string,
  options: { readonly labels?: Readonly<Record<string, string>>; readonly address?: string } = {},
): Promise<void> {
  const { labels: nodeLabels = bothRoles, address = '10.0.0.1' } = options
  await client.create(ResourceTypes.nodes, { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: nodeLabels } })
  const status = { addresses: [{ type: 'InternalIP', address }], conditions: [{ type: 'Ready', status: 'True' }] }
  await client.patch(ResourceTypes.nodes, undefined, name, { status }, { type: 'merge', subresource: 'status' })
}
