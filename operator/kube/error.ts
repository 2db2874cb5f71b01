/** What is known of a request to the API server that failed. */
export interface KubeFacts {
  readonly method: string
  /** Without query. */
  readonly path: string
  /** HTTP status; none where no answer came. */
  readonly status?: number
  /** The server's word for the failure, e.g. `AlreadyExists`. */
  readonly reason?: string
  /** The server's message, or why none came. */
  readonly detail?: string
  /** `details` of the server's Status, as it is. */
  readonly details?: unknown
  /** How long the server asks to wait before the next try, in ms. */
  readonly retryAfter?: number
}

/** A request to the API server that got no answer, or a bad one. */
export class KubeError extends Error {
  override readonly name = 'KubeError'
  readonly method: string
  readonly path: string
  readonly status: number | undefined
  readonly reason: string | undefined
  readonly details: unknown
  readonly retryAfter: number | undefined

  constructor(facts: KubeFacts, options?: ErrorOptions) {
    const { method, path, status, reason, detail, details, retryAfter } = facts
    const answer = status === undefined ? 'got no answer' : `was answered with ${[status, reason].filter(Boolean).join(' ')}`
    super(`${method} ${path} ${answer}${detail ? `: ${detail}` : ''}`, options)
    this.method = method
    this.path = path
    this.status = status
    this.reason = reason
    this.details = details
    this.retryAfter = retryAfter
  }
}

/** Whether an error is an answer of the API server with this status. */
export function isStatus(error: unknown, status: number): error is KubeError {
  return error instanceof KubeError && error.status === status
}

/** A right that a request lacked, in the words of a role. */
export interface MissingRight {
  readonly verb: string
  /** `deployments.apps`, `pods/log` */
  readonly resource: string
  /** None: at the cluster scope. */
  readonly namespace?: string
}

/** The right for want of which a request was refused. A 403 comes of quotas, Pod Security and policies as well: only the server's sentence tells them apart. */
export function missingRight(error: unknown): MissingRight | undefined {
  if (!isStatus(error, 403)) return undefined
  const found =
    / cannot (?<verb>\S+) resource "(?<plural>[^"/]+)(?<sub>\/[^"]+)?" in API group "(?<group>[^"]*)"(?: in the namespace "(?<namespace>[^"]+)")?/.exec(
      error.message,
    )
  if (found === null) return undefined
  const { verb = '', plural = '', sub = '', group = '', namespace } = found.groups ?? {}
  return { verb, resource: `${plural}${group === '' ? '' : `.${group}`}${sub}`, ...(namespace === undefined ? {} : { namespace }) }
}

/** The object, or its namespace, or its kind is not there. */
export function isNotFound(error: unknown): error is KubeError {
  return isStatus(error, 404)
}

/** Somebody else has changed or made the object in between, or owns a field. */
export function isConflict(error: unknown): error is KubeError {
  return isStatus(error, 409)
}

/** The resourceVersion or the `continue` token is too old: list again. */
export function isGone(error: unknown): error is KubeError {
  return isStatus(error, 410)
}

/** The server refuses the object as it is; only a change of the object helps. */
export function isInvalid(error: unknown): error is KubeError {
  return isStatus(error, 422) || isStatus(error, 400)
}
