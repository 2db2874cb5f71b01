import { Dispatcher } from 'undici'
import type { Access } from './credentials.ts'

/**
 * Sends requests to Services of the cluster by way of the API server, for who is outside of it. A request goes to where it would go inside:
 * `http://SERVICE.NAMESPACE.svc:PORT/…`. Needs the right to `services/proxy`.
 */
export class ServiceProxy extends Dispatcher {
  readonly #access: Access
  readonly #through: Dispatcher

  /** `through` holds the connections to the API server. */
  constructor(access: Access, through: Dispatcher) {
    super()
    this.#access = access
    this.#through = through
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const { origin, pathname } = new URL(this.#access.server)
    const path = `${pathname.replace(/\/$/, '')}${proxyPath(String(options.origin))}${options.path}`
    // What OpenStack knows its clients by has headers of its own.
    const headers = { ...headersOf(options.headers), ...this.#access.headers }
    return this.#through.dispatch({ ...options, origin, path, headers }, handler)
  }
}

/** The path before that of the request itself. Throws for a host that is no Service's. */
export function proxyPath(origin: string): string {
  const { protocol, hostname, port } = new URL(origin)
  const [service, namespace, svc] = hostname.split('.')
  if (service === undefined || namespace === undefined || svc !== 'svc') throw new TypeError(`${origin} is not the address of a Service`)
  const scheme = protocol.slice(0, -1)
  return `/api/v1/namespaces/${namespace}/services/${scheme}:${service}:${port || (scheme === 'https' ? '443' : '80')}/proxy`
}

function headersOf(headers: Dispatcher.DispatchOptions['headers']): Record<string, string | number | string[] | undefined> {
  if (headers === null || headers === undefined) return {}
  if (Array.isArray(headers)) return Object.fromEntries(headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : [])))
  return Symbol.iterator in headers ? Object.fromEntries(headers) : { ...headers }
}
