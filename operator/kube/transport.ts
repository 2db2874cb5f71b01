import type { Dispatcher } from 'undici'
import { ConnectionPool } from './connections.ts'
import type { Access, Credentials } from './credentials.ts'
import { KubeError } from './error.ts'
import { lines } from './lines.ts'
import { refusalOf } from './refusal.ts'
import { factsOf, queryString } from './request.ts'
import type { Request } from './request.ts'
import { ServiceProxy } from './service-proxy.ts'

/** Who asks, and who is told of it. */
export interface TransportOptions {
  readonly userAgent: string
  /** Told of every answer: method of HTTP and status, `<error>` where none came. */
  readonly onRequest: (method: string, code: string) => void
}

/** Longest time without an answer or without a byte of it, in ms. */
const TIMEOUT = 60_000

/** Sends requests to the API server, with its credentials and over its connections. Every method throws a KubeError when it fails, or the signal's reason. */
export class Transport {
  readonly #credentials: Credentials
  readonly #options: TransportOptions
  readonly #pool = new ConnectionPool()

  constructor(credentials: Credentials, options: TransportOptions) {
    this.#credentials = credentials
    this.#options = options
  }

  /** The answer to a request, which must be JSON. */
  async json(request: Request): Promise<unknown> {
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

  /** The lines of an answer that goes on. */
  async *lines(request: Request): AsyncGenerator<string> {
    const { body } = await this.#send(request)
    try {
      yield* lines(body)
    } catch (error) {
      request.signal?.throwIfAborted()
      throw error instanceof KubeError ? error : new KubeError({ ...factsOf(request), detail: connectionProblem(error) }, { cause: error })
    }
  }

  /** The same, where each line is JSON. */
  async *jsonLines(request: Request): AsyncGenerator {
    for await (const line of this.lines(request)) yield parse(line, request)
  }

  /** Sends requests to Services by way of the API server, until the transport is closed. Throws when there are no usable credentials. */
  async services(): Promise<Dispatcher> {
    const access = await this.#credentials.access()
    return new ServiceProxy(access, this.#pool.for(access).requests)
  }

  /** Lets requests end, ends what goes on, and closes all connections. */
  async close(): Promise<void> {
    await this.#pool.close()
  }

  /** Sends a request, a second time with fresh credentials when the server did not know us. */
  async #send(request: Request): Promise<Dispatcher.ResponseData> {
    const first = await this.#attempt(request)
    if (first.statusCode !== 401) return await accepted(first, request)
    await first.body.dump()
    this.#credentials.reload()
    return await accepted(await this.#attempt(request), request)
  }

  async #attempt(request: Request): Promise<Dispatcher.ResponseData> {
    const { method, path, body, contentType = 'application/json', signal, watch = false } = request
    const { userAgent, onRequest } = this.#options
    signal?.throwIfAborted()
    const access = await this.#access(request)
    const { requests, watches } = this.#pool.for(access)
    const { origin, pathname } = new URL(access.server)
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': userAgent, ...access.headers }
    if (body !== undefined) headers['content-type'] = contentType
    try {
      const answer = await (watch ? watches : requests).request({
        origin,
        path: `${pathname.replace(/\/$/, '')}${path}${queryString(request)}`,
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
        headersTimeout: TIMEOUT,
        // A watch may be silent for as long as it lasts.
        bodyTimeout: watch ? 0 : TIMEOUT,
      })
      onRequest(method, String(answer.statusCode))
      return answer
    } catch (error) {
      signal?.throwIfAborted()
      onRequest(method, '<error>')
      throw new KubeError({ ...factsOf(request), detail: connectionProblem(error) }, { cause: error })
    }
  }

  async #access(request: Request): Promise<Access> {
    try {
      return await this.#credentials.access()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new KubeError({ ...factsOf(request), detail: `no credentials: ${reason}` }, { cause: error })
    }
  }
}

async function accepted(answer: Dispatcher.ResponseData, request: Request): Promise<Dispatcher.ResponseData> {
  if (answer.statusCode < 400) return answer
  const text = await answer.body.text().catch(() => '')
  let status: unknown
  try {
    status = JSON.parse(text)
  } catch {
    status = { message: text.replaceAll(/\s+/g, ' ').trim().slice(0, 300) }
  }
  throw refusalOf(request, status, answer)
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
