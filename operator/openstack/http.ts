import type { Readable } from 'node:stream'
import { Agent, request as undiciRequest } from 'undici'
import type { Dispatcher } from 'undici'
import { ServiceError } from './error.ts'

/** A request whose answer is JSON, or empty. */
export interface HttpRequest {
  /** Who is asked, for error messages. */
  readonly service: string
  readonly method: string
  readonly url: string
  readonly query?: Query
  readonly json?: unknown
  /** A body that is not JSON. */
  readonly body?: Readable
  readonly headers?: Readonly<Record<string, string>>
  /** Longest time without an answer or without a byte of it, in ms. Default: 60 000. */
  readonly timeout?: number
  readonly signal?: AbortSignal
  readonly dispatcher?: Dispatcher
}

/** Parameters of a query; those that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export interface HttpAnswer {
  readonly status: number
  /** Names in lower case; of a header that came more than once the first. */
  readonly headers: Readonly<Record<string, string>>
  /** Parsed JSON; `undefined` where the answer was empty. */
  readonly body: unknown
}

/**
 * Connections to one service at a time. More requests than that wait in undici's queue, so that creations side by side don't overrun an API
 * of a few threads.
 */
const CONNECTIONS = 8
/** An address that swallows packets is noticed after this time, in ms. */
const CONNECT_TIMEOUT = 5000

const sharedAgent = new Agent({ connections: CONNECTIONS, connect: { timeout: CONNECT_TIMEOUT } })

/** Sends a request. Throws a ServiceError for an answer of 400 or more, and where none came; the signal's reason where that ended it. */
export async function send(request: HttpRequest): Promise<HttpAnswer> {
  const { service, method, signal, timeout = 60_000, dispatcher = sharedAgent } = request
  const url = withQuery(request.url, request.query)
  const facts = { service, method, url: publicPart(url) }
  signal?.throwIfAborted()
  // Glance's patches are JSON with a media type of their own.
  const json: Record<string, string> = request.json === undefined ? {} : { 'content-type': 'application/json' }
  const headers = { accept: 'application/json', ...json, ...request.headers }
  const body = request.json === undefined ? (request.body ?? null) : JSON.stringify(request.json)
  let status: number
  let text: string
  let answerHeaders: Record<string, string>
  try {
    // A long upload gets no answer before its end, and the timeouts count from the last byte sent.
    const answer = await undiciRequest(url, { method, headers, body, signal: signal ?? null, dispatcher, headersTimeout: timeout, bodyTimeout: timeout })
    status = answer.statusCode
    answerHeaders = flat(answer.headers)
    text = await answer.body.text()
  } catch (error) {
    signal?.throwIfAborted()
    throw new ServiceError({ ...facts, detail: connectionProblem(error, timeout) }, { cause: error })
  }
  if (status >= 400) throw new ServiceError({ ...facts, status, detail: redact(messageOf(text), secretsOf(request.json)) })
  return { status, headers: answerHeaders, body: parse(text, { ...facts, status }) }
}

function withQuery(url: string, query: Query = {}): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? url : `${url}?${parameters.toString()}`
}

/** A URL without what may be secret in it. */
function publicPart(url: string): string {
  if (!URL.canParse(url)) return url
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const first = Array.isArray(value) ? value[0] : value
      return first === undefined ? [] : [[name, first]]
    }),
  )
}

function parse(text: string, facts: { service: string; method: string; url: string; status: number }): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ServiceError({ ...facts, detail: `expected JSON, got ${JSON.stringify(text.slice(0, 80))}` }, { cause: error })
  }
}

/** Why no answer came, by the code where there is one: undici and Node put it into the error or into its causes. */
export function connectionProblem(error: unknown, timeout: number): string {
  const code = codeOf(error)
  switch (code) {
    case 'UND_ERR_HEADERS_TIMEOUT':
    case 'UND_ERR_BODY_TIMEOUT':
      return `nothing within ${timeout / 1000} s`
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `no connection within ${CONNECT_TIMEOUT / 1000} s`
    case 'UND_ERR_SOCKET':
      return 'the connection was closed'
    default:
      return code ?? (error instanceof Error ? error.message : String(error))
  }
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return codeOf(error.cause)
}

/**
 * The reason in an answer's body. Each service wraps it in its own way: Keystone `error.message`, Nova `<fault>.message`, Neutron
 * `NeutronError.message`, Placement `errors[].detail`, RabbitMQ `reason`, Glance plain HTML.
 */
export function messageOf(text: string): string {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return shorten(text.replaceAll(/<style.*?<\/style>|<head.*?<\/head>|<[^>]*>/gs, ' '))
  }
  return shorten(findMessage(body) ?? text)
}

function findMessage(body: unknown, depth = 0): string | undefined {
  if (body === null || typeof body !== 'object' || depth > 3) return undefined
  const fields: Record<string, unknown> = { ...body }
  for (const name of ['message', 'detail', 'reason', 'faultstring']) {
    const value = fields[name]
    if (typeof value === 'string' && value !== '') return value
  }
  for (const value of Object.values(fields)) {
    const found = findMessage(value, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > 500 ? `${line.slice(0, 499)}…` : line
}

/** Values of fields of a request that are secret: a service may quote them when it refuses the request. */
export function secretsOf(json: unknown): string[] {
  if (json === null || typeof json !== 'object') return []
  return Object.entries(json).flatMap(([name, value]: [string, unknown]) =>
    typeof value === 'string' ? (/password|adminPass|secret|token/i.test(name) ? [value] : []) : secretsOf(value),
  )
}

function redact(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== '').reduce((left, secret) => left.replaceAll(secret, '***'), text)
}
