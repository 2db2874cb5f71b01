import { KubeError } from './error.ts'
import { factsOf } from './request.ts'
import type { Request } from './request.ts'

/** A Status of the API server, as far as it is one. */
interface Status {
  readonly code?: number
  readonly reason?: string
  readonly message?: string
  readonly details?: { readonly retryAfterSeconds?: number }
}

/**
 * The error that a Status of the API server stands for. `answer` is what it came in; without one it came in a watch. Values of a Secret that was sent are
 * blackened in it, since the server may quote them.
 */
export function refusalOf(
  request: Request,
  body: unknown,
  answer?: { readonly statusCode: number; readonly headers: Readonly<Record<string, unknown>> },
): KubeError {
  const { code, reason, message = '', details } = (body ?? {}) as Status
  const seconds = Number(answer?.headers['retry-after'] ?? details?.retryAfterSeconds)
  return new KubeError({
    ...factsOf(request),
    status: answer?.statusCode ?? code ?? 500,
    ...(reason ? { reason } : {}),
    detail: shorten(redact(message, secretsOf(request.body))),
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
