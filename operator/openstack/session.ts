import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { DeclarationError, isStatus, ServiceError } from './error.ts'
import { send } from './http.ts'
import type { HttpAnswer, Query } from './http.ts'

/** What a token is for. Domains default to `Default`. */
export type TokenScope =
  | { readonly project: string; readonly domain?: string }
  | { readonly domain: string; readonly project?: undefined }
  | { readonly system: 'all' }

/** Who logs in. */
export interface Login {
  readonly username: string
  readonly password: string
  /** Name of the user's domain. Default: `Default`. */
  readonly userDomain?: string
  /** Default: unscoped, which is enough for nothing but logging in. */
  readonly scope?: TokenScope
}

/** How to log in to Keystone, and which endpoints to use. */
export interface SessionOptions extends Login {
  /** Keystone's URL, with `/v3` at its end. */
  readonly authUrl: string
  /** Default: that of whichever endpoint comes first. */
  readonly region?: string
  /** Default: `internal`. */
  readonly interface?: 'internal' | 'public' | 'admin'
  /** URLs that stand in for those of the catalogue, by service type. */
  readonly endpoints?: Readonly<Record<string, string>>
  /** Longest time without an answer, in ms. Default: 60 000. */
  readonly timeout?: number
  readonly dispatcher?: Dispatcher
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/** A request to a service of the catalogue. */
export interface SessionRequest {
  readonly query?: Query
  readonly json?: unknown
  readonly body?: Readable
  /** Microversion of the service's API, e.g. `2.79`. */
  readonly microversion?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly timeout?: number
  readonly signal?: AbortSignal
}

/** Names of the services for people, by type; a type that is not here stands for itself. */
const serviceNames: Readonly<Record<string, string>> = {
  identity: 'keystone',
  image: 'glance',
  compute: 'nova',
  network: 'neutron',
  placement: 'placement',
  volume: 'cinder',
}

/** A token is renewed this long before it expires, in ms: longer than a slow request takes. */
const RENEW_BEFORE = 120_000

interface CatalogEntry {
  readonly type: string
  readonly endpoints: readonly { readonly interface: string; readonly region_id?: string | null; readonly region?: string | null; readonly url: string }[]
}

interface TokenBody {
  readonly token: {
    readonly expires_at: string
    readonly user: { readonly id: string }
    readonly project?: { readonly id: string }
    readonly catalog?: readonly CatalogEntry[]
  }
}

interface Grant {
  readonly token: string
  /** ms since the epoch */
  readonly expiresAt: number
  readonly userId: string
  readonly projectId: string | undefined
  readonly catalog: readonly CatalogEntry[]
}

/** A login at Keystone: keeps its token, renews it in time and once after a 401, and finds endpoints in the catalogue. */
export class Session {
  readonly options: SessionOptions
  readonly #now: () => number
  readonly #derived = new Map<string, Session>()
  #grant: Promise<Grant> | undefined

  constructor(options: SessionOptions) {
    this.options = options
    this.#now = options.now ?? Date.now
  }

  /** The session of another login with the same Keystone, endpoints, region and interface. Asked again, it gives the same one, with its token. */
  as(login: Login): Session {
    const key = JSON.stringify([login.username, login.userDomain, login.password, login.scope])
    let session = this.#derived.get(key)
    if (session === undefined) {
      const { username, password, userDomain, scope } = login
      session = new Session({ ...this.options, username, password, userDomain, scope })
      this.#derived.set(key, session)
    }
    return session
  }

  /** A valid token; logs in where there is none. */
  async token(signal?: AbortSignal): Promise<string> {
    return (await this.#granted(signal)).token
  }

  /** Id of the user that is logged in. */
  async userId(signal?: AbortSignal): Promise<string> {
    return (await this.#granted(signal)).userId
  }

  /** Id of the project that the token is for. Throws where it is for none. */
  async projectId(signal?: AbortSignal): Promise<string> {
    const { projectId } = await this.#granted(signal)
    if (projectId === undefined) throw new Error(`the login of ${this.options.username} is for no project`)
    return projectId
  }

  /** Base URL of a service by its type (`compute`), without a slash at its end. */
  async endpoint(type: string, signal?: AbortSignal): Promise<string> {
    const override = this.options.endpoints?.[type]
    if (override !== undefined) return withoutSlash(override)
    // Keystone is where we log in: its own entry in the catalogue may be one that is just being mended.
    if (type === 'identity') return withoutSlash(this.options.authUrl)
    const { interface: wanted = 'internal', region } = this.options
    const { catalog } = await this.#granted(signal)
    const url = findEndpoint(catalog, type, wanted, region)
    if (url !== undefined) return url
    // It may have been registered after the token was issued: the next call logs in anew.
    this.#grant = undefined
    const where = region === undefined ? '' : ` in region ${region}`
    throw new DeclarationError('NotFound', `Keystone's catalogue has no ${wanted} endpoint of type ${type}${where}`)
  }

  /** Sends a request with a token. A 401 makes a new token, once. The caller vouches for the type of the answer. */
  async request<T>(type: string, method: string, path: string, request: SessionRequest = {}): Promise<T> {
    const { body } = await this.#send(type, method, path, request)
    return body as T
  }

  /** All of a collection, page by page. `key` is the field of the answer that holds the elements. */
  async list<T>(type: string, path: string, key: string, request: Omit<SessionRequest, 'json' | 'body'> = {}): Promise<T[]> {
    const elements: T[] = []
    let query = request.query
    for (;;) {
      const page = await this.request<Record<string, unknown> | undefined>(type, 'GET', path, { ...request, query })
      const part = page?.[key]
      if (!Array.isArray(part))
        throw new ServiceError({ service: nameOf(type), method: 'GET', url: path, status: 200, detail: `expected a list ${key} in the answer` })
      elements.push(...(part as T[]))
      const next = nextQuery(page ?? {}, key)
      if (next === undefined || part.length === 0) return elements
      query = { ...request.query, ...next }
    }
  }

  async #send(type: string, method: string, path: string, request: SessionRequest): Promise<HttpAnswer> {
    const { microversion, headers, timeout = this.options.timeout, ...rest } = request
    const attempt = async () => {
      const { token } = await this.#granted(request.signal)
      const url = `${await this.endpoint(type, request.signal)}${path}`
      const all = { 'x-auth-token': token, ...microversionHeaders(type, microversion), ...headers }
      return send({ service: nameOf(type), method, url, headers: all, timeout, dispatcher: this.options.dispatcher, ...rest })
    }
    try {
      return await attempt()
    } catch (error) {
      // A stream is used up by the first attempt.
      if (!isStatus(error, 401) || request.body !== undefined || error.url.endsWith('/auth/tokens')) throw error
      this.#grant = undefined
      return attempt()
    }
  }

  async #granted(signal?: AbortSignal): Promise<Grant> {
    const known = this.#grant
    if (known !== undefined) {
      const grant = await abortable(known, signal).catch(() => undefined)
      signal?.throwIfAborted()
      if (grant !== undefined && grant.expiresAt - RENEW_BEFORE > this.#now()) return grant
      if (this.#grant === known) this.#grant = undefined
    }
    // Requests side by side share one login. It has no signal of its own: one caller that gives up must not end it for the others.
    this.#grant ??= this.#login()
    return abortable(this.#grant, signal)
  }

  async #login(): Promise<Grant> {
    const { authUrl, timeout, dispatcher } = this.options
    const { headers, body } = await send({
      service: 'keystone',
      method: 'POST',
      url: `${withoutSlash(authUrl)}/auth/tokens`,
      json: authRequest(this.options),
      timeout,
      dispatcher,
    })
    const token = headers['x-subject-token']
    if (token === undefined) throw new Error('Keystone issued a token without the header X-Subject-Token; is authUrl that of a Keystone?')
    const { token: facts } = body as TokenBody
    return { token, expiresAt: Date.parse(facts.expires_at), userId: facts.user.id, projectId: facts.project?.id, catalog: facts.catalog ?? [] }
  }
}

/** The body of POST /v3/auth/tokens. */
export function authRequest({ username, password, userDomain = 'Default', scope }: Login): unknown {
  return {
    auth: {
      identity: { methods: ['password'], password: { user: { name: username, domain: { name: userDomain }, password } } },
      // Said outright, else Keystone takes the user's default project.
      scope: scope === undefined ? 'unscoped' : scopeBody(scope),
    },
  }
}

function scopeBody(scope: TokenScope): unknown {
  if ('system' in scope) return { system: { all: true } }
  if (scope.project === undefined) return { domain: { name: scope.domain } }
  return { project: { name: scope.project, domain: { name: scope.domain ?? 'Default' } } }
}

/** The URL of an endpoint in a catalogue, without a slash at its end. */
export function findEndpoint(catalog: readonly CatalogEntry[], type: string, wanted: string, region: string | undefined): string | undefined {
  const endpoints = catalog.filter((entry) => entry.type === type).flatMap((entry) => entry.endpoints)
  const found = endpoints.find((endpoint) => endpoint.interface === wanted && (region === undefined || (endpoint.region_id ?? endpoint.region) === region))
  return found === undefined ? undefined : withoutSlash(found.url)
}

/** The query of the next page: Glance gives `next`, Keystone `links.next`, Nova and Neutron `<key>_links` with rel `next`. */
export function nextQuery(page: Readonly<Record<string, unknown>>, key: string): Record<string, string> | undefined {
  const { next, links, [`${key}_links`]: relations } = page
  const candidates: unknown[] = [next, links !== null && typeof links === 'object' && 'next' in links ? links.next : undefined]
  if (Array.isArray(relations)) candidates.push(...relations.map(nextRelation))
  const link = candidates.find((candidate) => typeof candidate === 'string' && candidate !== '')
  return typeof link === 'string' ? Object.fromEntries(new URL(link, 'http://relative').searchParams) : undefined
}

function nextRelation(relation: unknown): unknown {
  return relation !== null && typeof relation === 'object' && 'rel' in relation && relation.rel === 'next' && 'href' in relation ? relation.href : undefined
}

function microversionHeaders(type: string, microversion: string | undefined): Record<string, string> {
  return microversion === undefined ? {} : { 'openstack-api-version': `${type} ${microversion}` }
}

function nameOf(type: string): string {
  return serviceNames[type] ?? type
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '')
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const onAbort = () => reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)))
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
