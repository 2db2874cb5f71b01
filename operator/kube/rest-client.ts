import type { Dispatcher } from 'undici'
import type {
  ApplyOptions,
  DeleteOptions,
  KubeClient,
  ListOptions,
  ListPage,
  LogOptions,
  PatchOptions,
  ServiceClient,
  WatchEvent,
  WatchOptions,
} from './client.ts'
import { Credentials } from './credentials.ts'
import { KubeError, isNotFound } from './error.ts'
import { refusalOf } from './refusal.ts'
import { factsOf } from './request.ts'
import type { Request } from './request.ts'
import { collectionPath, objectPath, ResourceTypes } from './resources.ts'
import { Transport } from './transport.ts'
import type { TransportOptions } from './transport.ts'
import type { KubeObject, ResourceType } from './types.ts'

/** How to reach the API server. */
export interface ConnectOptions {
  /** Path of a kubeconfig. Default: `KUBECONFIG`, `~/.kube/config`, or the ServiceAccount of the pod. */
  readonly kubeconfig?: string
  /** A context of the kubeconfig. Default: its current one. */
  readonly context?: string
  /** Default: `teruwa`. What stands before the slash is the field manager of a `create`. */
  readonly userAgent?: string
  /** Told of every answer, for metrics. Default: nobody is. */
  readonly onRequest?: TransportOptions['onRequest']
}

/** A client of the API server. Makes no request yet. Throws when there are no usable credentials. */
export async function connect(options: ConnectOptions = {}): Promise<KubeClient & ServiceClient> {
  const { kubeconfig, context, userAgent = 'teruwa', onRequest = () => undefined } = options
  const credentials = new Credentials(kubeconfig, Date.now, context)
  await credentials.access()
  return new RestClient(new Transport(credentials, { userAgent, onRequest }))
}

/** Each verb as the request that it is. */
class RestClient implements KubeClient, ServiceClient {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  async get(type: ResourceType, namespace: string | undefined, name: string, signal?: AbortSignal): Promise<KubeObject | undefined> {
    try {
      return await this.#object({ method: 'GET', path: objectPath(type, namespace, name), signal })
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  async list(type: ResourceType, { namespace, ...query }: ListOptions, signal?: AbortSignal): Promise<ListPage> {
    const request: Request = { method: 'GET', path: collectionPath(type, namespace), query, signal }
    const list = await this.#transport.json(request)
    if (!isList(list)) throw new KubeError({ ...factsOf(request), detail: 'the answer is no list' })
    const { apiVersion, kind } = type
    // The server leaves them out in a list.
    const items = (list.items ?? []).map((item) => ({ ...item, apiVersion, kind }))
    const { resourceVersion, continue: next } = list.metadata
    return { items, resourceVersion, ...(next ? { continue: next } : {}) }
  }

  async *watch(type: ResourceType, { namespace, ...options }: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    const request: Request = {
      method: 'GET',
      path: collectionPath(type, namespace),
      query: { ...options, watch: true, allowWatchBookmarks: true },
      signal,
      watch: true,
    }
    for await (const event of this.#transport.jsonLines(request)) {
      if (isWatchEvent(event)) yield event
      else throw refusalOf(request, isFields(event) ? event['object'] : undefined)
    }
  }

  log(namespace: string, pod: string, signal: AbortSignal, options: LogOptions = { follow: true, tailLines: 1 }): AsyncGenerator<string> {
    const path = `${objectPath(ResourceTypes.pods, namespace, pod)}/log`
    return this.#transport.lines({ method: 'GET', path, query: { ...options }, signal, watch: true })
  }

  async create(type: ResourceType, object: KubeObject, signal?: AbortSignal): Promise<KubeObject> {
    const { namespace, name } = object.metadata
    if (!type.nameless) objectPath(type, namespace, name)
    return await this.#object({ method: 'POST', path: collectionPath(type, namespace), body: object, signal })
  }

  async apply(type: ResourceType, object: KubeObject, options: ApplyOptions, signal?: AbortSignal): Promise<KubeObject> {
    const { fieldManager, force, subresource, dryRun } = options
    const path = pathOf(type, object, subresource)
    const query = { fieldManager, force, ...(dryRun ? { dryRun: 'All' } : {}) }
    // The server reads the body as YAML, and JSON is YAML.
    return await this.#object({ method: 'PATCH', path, query, body: object, contentType: 'application/apply-patch+yaml', signal })
  }

  async patch(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
    body: unknown,
    options: PatchOptions,
    signal?: AbortSignal,
  ): Promise<KubeObject> {
    const { fieldManager, subresource } = options
    const path = subpath(objectPath(type, namespace, name), subresource)
    const contentType = options.type === 'merge' ? 'application/merge-patch+json' : 'application/json-patch+json'
    return await this.#object({ method: 'PATCH', path, query: { fieldManager }, body, contentType, signal })
  }

  async update(type: ResourceType, object: KubeObject, options: { readonly subresource?: 'status' } = {}, signal?: AbortSignal): Promise<KubeObject> {
    return await this.#object({ method: 'PUT', path: pathOf(type, object, options.subresource), body: object, signal })
  }

  async delete(type: ResourceType, namespace: string | undefined, name: string, options: DeleteOptions = {}, signal?: AbortSignal): Promise<void> {
    const { uid, propagationPolicy = 'Background' } = options
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy, ...(uid ? { preconditions: { uid } } : {}) }
    try {
      await this.#transport.json({ method: 'DELETE', path: objectPath(type, namespace, name), body, signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async services(): Promise<Dispatcher> {
    return await this.#transport.services()
  }

  async close(): Promise<void> {
    await this.#transport.close()
  }

  async #object(request: Request): Promise<KubeObject> {
    const object = await this.#transport.json(request)
    if (!isObject(object)) throw new KubeError({ ...factsOf(request), detail: 'the answer is no object' })
    return object
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}

// The server is trusted to keep to its schema; what comes from something in between (a proxy's page) is not taken for an object.

function isObject(value: unknown): value is KubeObject {
  return isFields(value) && isFields(value['metadata'])
}

interface RawList {
  readonly items?: readonly KubeObject[] | null
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
}

function isList(value: unknown): value is RawList {
  return isObject(value) && typeof value.metadata.resourceVersion === 'string' && (value['items'] == null || Array.isArray(value['items']))
}

function isWatchEvent(value: unknown): value is WatchEvent {
  return isFields(value) && ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'].includes(String(value['type'])) && isObject(value['object'])
}

function pathOf(type: ResourceType, { metadata }: KubeObject, subresource: 'status' | undefined): string {
  return subpath(objectPath(type, metadata.namespace, metadata.name), subresource)
}

function subpath(path: string, subresource: 'status' | undefined): string {
  return subresource === undefined ? path : `${path}/${subresource}`
}
