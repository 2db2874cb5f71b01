import type { Dispatcher } from 'undici'
import type { KubeFacts } from './error.ts'

/** A request to the API server. */
export interface Request {
  readonly method: Dispatcher.HttpMethod
  /** Without query, and below the path of the server. */
  readonly path: string
  /** What is undefined is not sent. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  /** Sent as JSON. */
  readonly body?: unknown
  /** Default: `application/json`. */
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** Whether the answer goes on for as long as somebody reads it, and may be silent meanwhile. */
  readonly watch?: boolean
}

/** What an error says of the request that failed. */
export function factsOf({ method, path, watch }: Request): Pick<KubeFacts, 'method' | 'path'> {
  return { method: watch ? 'WATCH' : method, path }
}

/** The query as it stands in a URL, with its question mark; empty where there is none. */
export function queryString({ query = {} }: Request): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value))
  return parameters.size === 0 ? '' : `?${parameters.toString()}`
}
