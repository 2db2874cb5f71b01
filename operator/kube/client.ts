import type { Dispatcher } from 'undici'
import { ConnectionPool } from './connections.ts'
import { Credentials } from './credentials.ts'
import type { Access } from './credentials.ts'
import { KubeError, isNotFound } from './error.ts'
import type { KubeFacts } from './error.ts'
import { lines } from './lines.ts'
import { collectionPath, objectPath, ResourceTypes } from './resources.ts'
import { ServiceProxy } from './service-proxy.ts'
import type { KubeObject, ResourceType } from './types.ts'

/** Which objects to list. */
export interface ListOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Most objects of one page. */
  readonly limit?: number
  /** Token of the next page. */
  readonly continue?: string
  readonly resourceVersion?: string
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan'
}

/** One page of a list. */
export interface ListPage {
  readonly items: KubeObject[]
  readonly resourceVersion: string
  /** Token of the next page, if there is one. */
  readonly continue?: string
}

/** What to watch, and from where on. */
export interface WatchOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly resourceVersion: string
  /** After this time the server ends the watch. */
  readonly timeoutSeconds: number
}

/** What happened to an object. Of a bookmark only `metadata.resourceVersion` means something. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

export interface ApplyOptions {
  readonly fieldManager: string
  /** Takes fields over from other managers, instead of a conflict. */
  readonly force?: boolean
  readonly subresource?: 'status'
  /** Writes nothing: the answer is what would come of it. */
  readonly dryRun?: boolean
}

export interface PatchOptions {
  readonly type: 'merge' | 'json'
  readonly fieldManager?: string
  readonly subresource?: 'status'
}

export interface DeleteOptions {
  /** Deletes this very object only, and none that has taken its name. */
  readonly uid?: string
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan'
}

/** Which lines of a pod's log. */
export interface LogOptions {
  /** Default: the pod's only one. */
  readonly container?: string
  /** Whether to go on until the container ends. */
  readonly follow?: boolean
  /** So many of the lines that are there already. Default: all. */
  readonly tailLines?: number
  /** Only what was said in so many seconds until now. */
  readonly sinceSeconds?: number
  /** Whether each line begins with its time in RFC 3339, and a space. */
  readonly timestamps?: boolean
}

/** The API of Kubernetes, as plain JSON. Every method throws a KubeError when it fails, or the signal's reason. */
export interface KubeClient {
  /** One object; `undefined` where there is none. */
  get(type: ResourceType, namespace: string | undefined, name: string, signal?: AbortSignal): Promise<KubeObject | undefined>
  list(type: ResourceType, options: ListOptions, signal?: AbortSignal): Promise<ListPage>
  /** Changes after a resourceVersion. Ends when the server ends it; throws a KubeError of status 410 when the version is too old. */
  watch(type: ResourceType, options: WatchOptions, signal: AbortSignal): AsyncIterable<WatchEvent>
  /** Lines that a pod has said: without options the last one of its only container, and all from now on until the container ends. */
  log(namespace: string, pod: string, signal: AbortSignal, options?: LogOptions): AsyncIterable<string>
  create(type: ResourceType, object: KubeObject, signal?: AbortSignal): Promise<KubeObject>
  /** Server-side apply. */
  apply(type: ResourceType, object: KubeObject, options: ApplyOptions, signal?: AbortSignal): Promise<KubeObject>
  patch(type: ResourceType, namespace: string | undefined, name: string, body: unknown, options: PatchOptions, signal?: AbortSignal): Promise<KubeObject>
  /** Replaces an object; with `metadata.resourceVersion` only if it has not changed since. */
  update(type: ResourceType, object: KubeObject, options?: { readonly subresource?: 'status' }, signal?: AbortSignal): Promise<KubeObject>
  /** Deletes an object. That it is not there (any more) is no error. */
  delete(type: ResourceType, namespace: string | undefined, name: string, options?: DeleteOptions, signal?: AbortSignal): Promise<void>
  /** Ends watches and closes all connections. */
  close(): Promise<void>
}

/** The way into the cluster for who is outside of it. */
export interface ServiceClient {
  /** Sends requests to Services by way of the API server, until the client is closed. Throws when there are no usable credentials. */
  services(): Promise<Dispatcher>
}

export interface ConnectOptions {
  /** Path of a kubeconfig. Default: `KUBECONFIG`, `~/.kube/config`, or the ServiceAccount of the pod. */
  readonly kubeconfig?: string
  /** A context of the kubeconfig. Default: its current one. */
  readonly context?: string
  /** Default: `teruwa`. What stands before the slash is the field manager of a `create`. */
  readonly userAgent?: string
  /** Told of every answer, for metrics: method of HTTP and status, `<error>` where none came. */
  readonly onRequest?: (method: string, code: string) => void
}

/** A client of the API server. Makes no request yet. Throws when there are no usable credentials. */
export async function connect(options: ConnectOptions = {}): Promise<KubeClient & ServiceClient> {
  const credentials = new Credentials(options.kubeconfig, Date.now, options.context)
  await credentials.access()
  return new RestClient(credentials, options)
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>

interface Request {
  readonly method: Dispatcher.HttpMethod
  readonly path: string
  readonly query?: Query
  readonly body?: unknown
  readonly contentType?: string
  readonly signal?: AbortSignal
  readonly watch?: boolean
}

/** Longest time without an answer or without a byte of it, in ms. */
const TIMEOUT = 60_000

class RestClient implements KubeClient, ServiceClient {
  readonly #credentials: Credentials
  readonly #pool = new ConnectionPool()
  readonly #userAgent: string
  readonly #onRequest: NonNullable<ConnectOptions['onRequest']>

  constructor(credentials: Credentials, { userAgent = 'teruwa', onRequest = () => undefined }: ConnectOptions) {
    this.#credentials = credentials
    this.#userAgent = userAgent
    this.#onRequest = onRequest
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
    const list = await this.#json(request)
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
    for await (const line of this.#lines(request, signal)) {
      const event = parse(line, request)
      if (isWatchEvent(event)) yield event
      else throw errorOf(request, undefined, isFields(event) ? event['object'] : undefined, {})
    }
  }

  log(namespace: string, pod: string, signal: AbortSignal, options: LogOptions = { follow: true, tailLines: 1 }): AsyncGenerator<string> {
    const path = `${objectPath(ResourceTypes.pods, namespace, pod)}/log`
    return this.#lines({ method: 'GET', path, query: { ...options }, signal, watch: true }, signal)
  }

  /** The lines of an answer that goes on. */
  async *#lines(request: Request, signal: AbortSignal): AsyncGenerator<string> {
    const { body } = await this.#send(request)
    try {
      yield* lines(body)
    } catch (error) {
      signal.throwIfAborted()
      throw error instanceof KubeError ? error : new KubeError({ ...factsOf(request), detail: connectionProblem(error) }, { cause: error })
    }
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
      await this.#json({ method: 'DELETE', path: objectPath(type, namespace, name), body, signal })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }

  async services(): Promise<Dispatcher> {
    const access = await this.#credentials.access()
    return new ServiceProxy(access, this.#pool.for(access).requests)
  }

  async close(): Promise<void> {
    await this.#pool.close()
  }

  async #object(request: Request): Promise<KubeObject> {
    const object = await this.#json(request)
    if (!isObject(object)) throw new KubeError({ ...factsOf(request), detail: 'the answer is no object' })
    return object
  }

  async #json(request: Request): Promise<unknown> {
    const { body } = await this.#send(request)
    let text: string
    try {
      text = await body.text()
    } catch (error) {
      request.signal?.throwIfAborted()
      throw new KubeError({ ...factsOf(request), detail: connectionProblem(error) }, { cause: error })
    }
    return parse(text, request)
  }

  /** Sends a request, a second time with fresh credentials when the server did not know us. */
  async #send(request: Request): Promise<Dispatcher.ResponseData> {
    const first = await this.#attempt(request)
    if (first.statusCode !== 401) return await accepted(first, request)
    await first.body.dump()
    this.#credentials.reload()
    return await accepted(await this.#attempt(request), request)
  }

  async #access(request: Request): Promise<Access> {
    try {
      return await this.#credentials.access()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new KubeError({ ...factsOf(request), detail: `no credentials: ${reason}` }, { cause: error })
    }
  }

  async #attempt(request: Request): Promise<Dispatcher.ResponseData> {
    const { method, path, query, body, contentType = 'application/json', signal, watch = false } = request
    signal?.throwIfAborted()
    const access = await this.#access(request)
    const { requests, watches } = this.#pool.for(access)
    const { origin, pathname } = new URL(access.server)
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': this.#userAgent, ...access.headers }
    if (body !== undefined) headers['content-type'] = contentType
    try {
      const answer = await (watch ? watches : requests).request({
        origin,
        path: `${pathname.replace(/\/$/, '')}${path}${queryString(query)}`,
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
        headersTimeout: TIMEOUT,
        // A watch may be silent for as long as it lasts.
        bodyTimeout: watch ? 0 : TIMEOUT,
      })
      this.#onRequest(method, String(answer.statusCode))
      return answer
    } catch (error) {
      signal?.throwIfAborted()
      this.#onRequest(method, '<error>')
      throw new KubeError({ ...factsOf(request), detail: connectionProblem(error) }, { cause: error })
    }
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

function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}

function factsOf({ method, path, watch }: Request): Pick<KubeFacts, 'method' | 'path'> {
  return { method: watch ? 'WATCH' : method, path }
}

async function accepted(answer: Dispatcher.ResponseData, request: Request): Promise<Dispatcher.ResponseData> {
  const { statusCode, headers, body } = answer
  if (statusCode < 400) return answer
  const text = await body.text().catch(() => '')
  let status: unknown
  try {
    status = JSON.parse(text)
  } catch {
    status = { message: text.replaceAll(/\s+/g, ' ').trim().slice(0, 300) }
  }
  throw errorOf(request, statusCode, status, headers)
}

/** The error that a Status of the API server stands for, in an answer or in a watch. */
function errorOf(request: Request, statusCode: number | undefined, body: unknown, headers: Readonly<Record<string, unknown>>): KubeError {
  const { code, reason, message, details } = (body ?? {}) as { code?: number; reason?: string; message?: string; details?: { retryAfterSeconds?: number } }
  const seconds = Number(headers['retry-after'] ?? details?.retryAfterSeconds)
  return new KubeError({
    ...factsOf(request),
    status: statusCode ?? code ?? 500,
    ...(reason ? { reason } : {}),
    detail: shorten(redact(message ?? '', secretsOf(request.body))),
    details,
    ...(seconds > 0 ? { retryAfter: seconds * 1000 } : {}),
  })
}

/** Values of a Secret that was sent: the server may quote them when it refuses the object. */
function secretsOf(body: unknown): string[] {
  if (body === null || typeof body !== 'object') return []
  const { data, stringData } = body as { data?: Record<string, unknown>; stringData?: Record<string, unknown> }
  const values = Object.values({ ...data, ...stringData }).filter((value) => typeof value === 'string')
  // Shorter ones would blacken every other word of a message, and are no secrets worth the name.
  return values.flatMap((value) => [value, Buffer.from(value, 'base64').toString()]).filter((value) => value.length > 3)
}

/** A refusal may quote a whole pod template. What is wrong stands at its beginning, and why at its end. */
function shorten(text: string): string {
  return text.length > 1000 ? `${text.slice(0, 500)} … ${text.slice(-300)}` : text
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => left.replaceAll(secret, '***'), text)
}

function parse(text: string, request: Request): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    // The cause would quote the text, which may be a Secret.
    throw new KubeError({ ...factsOf(request), detail: `${text.length} characters that are no JSON (${error instanceof Error ? error.name : 'error'})` })
  }
}

/** Why no answer came, by the code where there is one. */
function connectionProblem(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return connectionProblem(error.errors[0])
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === 'UND_ERR_SOCKET' && error.cause !== undefined) return connectionProblem(error.cause)
  return code === undefined || error.message.includes(code) ? error.message : `${code} ${error.message}`
}
