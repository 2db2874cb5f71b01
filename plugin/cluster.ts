import { apiVersion, hypervisorKind, hypervisorPlural, kind, plural } from '../operator/api/v1alpha1/index.ts'
import type { Hypervisor, OpenStackCluster } from '../operator/api/v1alpha1/index.ts'
import type { KubeClient, ServiceClient } from '../operator/kube/client.ts'
import { isNotFound, isStatus } from '../operator/kube/error.ts'
import type { KubeObject, ResourceType } from '../operator/kube/types.ts'

/** The API server, as far as the plugin asks it. */
export type PluginClient = Pick<KubeClient, 'get' | 'list' | 'watch' | 'log'> & ServiceClient

/** Where OpenStackClusters are in the API. */
export const openStackClusters: ResourceType = { apiVersion, kind, plural, namespaced: true }
/** Where Hypervisors are. */
export const hypervisors: ResourceType = { apiVersion, kind: hypervisorKind, plural: hypervisorPlural, namespaced: true }

/** A Hypervisor as it is read: its status comes a moment after it. */
export type FoundHypervisor = Omit<Hypervisor, 'status'> & { readonly status?: Hypervisor['status'] }

/** Which cloud is meant. */
export interface Wanted {
  /** Of the context, or the one that was said. */
  readonly namespace: string
  /** Whether somebody has said it. */
  readonly said: boolean
  readonly everywhere: boolean
  readonly name?: string
}

const PAGE = 500

/** All objects of a type. */
export async function listAll(
  client: Pick<KubeClient, 'list'>,
  type: ResourceType,
  options: { readonly namespace?: string; readonly labelSelector?: string },
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  const items: KubeObject[] = []
  let next: string | undefined
  do {
    const page = await client.list(type, { ...options, limit: PAGE, ...(next === undefined ? {} : { continue: next }) }, signal)
    items.push(...page.items)
    next = page.continue
  } while (next !== undefined)
  return items
}

/** The one cloud that is meant. Throws a sentence where there is none, or more than one. */
export async function findCloud(client: Pick<KubeClient, 'list'>, wanted: Wanted, signal?: AbortSignal): Promise<OpenStackCluster> {
  const { namespace, said, everywhere, name } = wanted
  const here = await clouds(client, everywhere ? undefined : namespace, name, signal)
  // A context's namespace is seldom the cloud's. Who may not look into the others hears of this one.
  const found = here.length > 0 || said || everywhere ? here : await clouds(client, undefined, name, signal).catch(nothingIfForbidden)
  const [first, ...more] = found
  const what = name === undefined ? 'no OpenStackCluster' : `no OpenStackCluster ${name}`
  if (first === undefined)
    throw new Error(`there is ${what} in ${everywhere ? 'any namespace' : `namespace ${namespace}${said ? '' : ', nor in another one'}`}`)
  if (more.length > 0) throw new Error(`there are several clouds: ${found.map(titleOf).join(', ')}; say which with --namespace`)
  return first
}

function nothingIfForbidden(error: unknown): OpenStackCluster[] {
  if (isStatus(error, 403)) return []
  throw error
}

async function clouds(
  client: Pick<KubeClient, 'list'>,
  namespace: string | undefined,
  name: string | undefined,
  signal?: AbortSignal,
): Promise<OpenStackCluster[]> {
  let items: KubeObject[]
  try {
    items = await listAll(client, openStackClusters, namespace === undefined ? {} : { namespace }, signal)
  } catch (error) {
    if (isNotFound(error))
      throw new Error('this cluster does not know OpenStackClusters: the operator is not installed, or the kubeconfig is of another cluster', { cause: error })
    throw error
  }
  return items.filter(({ metadata }) => name === undefined || metadata.name === name).map(asCloud)
}

/** The API server keeps to the schema. */
export const asCloud = (object: KubeObject): OpenStackCluster => object as unknown as OpenStackCluster

/** `namespace/name` */
export const titleOf = ({ metadata }: Pick<OpenStackCluster, 'metadata'>): string => `${metadata.namespace}/${metadata.name}`
