/** What is known of a request that failed. */
export interface RequestFacts {
  /** Who was asked, in words for a person: `keystone`, `nova`, `rabbitmq`. */
  readonly service: string
  readonly method: string
  /** Without query and credentials, since both may hold secrets. */
  readonly url: string
  /** HTTP status; none where no answer came. */
  readonly status?: number
  /** The reason that the service gave. */
  readonly detail?: string
}

/** A request to a service outside of Kubernetes that got no answer, or a bad one. Trying again later may help. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly service: string
  readonly method: string
  readonly url: string
  readonly status: number | undefined
  readonly detail: string | undefined

  constructor(facts: RequestFacts, options?: ErrorOptions) {
    const { service, method, url, status, detail } = facts
    const message =
      status === undefined
        ? `${service} at ${originOf(url)} did not answer: ${detail ?? 'unknown reason'}`
        : `${service}: ${method} ${url} was answered with ${status}${detail ? `: ${detail}` : ''}`
    super(message, options)
    this.service = service
    this.method = method
    this.url = url
    this.status = status
    this.detail = detail
  }
}

function originOf(url: string): string {
  if (!URL.canParse(url)) return url
  const { protocol, host } = new URL(url)
  return `${protocol}//${host}`
}

/** Whether an error is the answer of a service with this status. */
export function isStatus(error: unknown, status: number): error is ServiceError {
  return error instanceof ServiceError && error.status === status
}

/**
 * What was declared does not fit with what is there: an immutable field differs, or something that is referred to does not exist.
 * No retry mends it, only a person, or time.
 */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError'
  /** CamelCase, for a condition. */
  readonly reason: 'ImmutableField' | 'NotFound' | 'SecretNotFound' | 'Ambiguous' | 'Refused' | 'Contradiction' | 'UnsafeImage'

  constructor(reason: DeclarationError['reason'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}
