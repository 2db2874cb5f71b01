import type { Log, LogFields } from '../kube/log.ts'

export type { Log, LogFields } from '../kube/log.ts'

/** Least first. */
export const logLevels = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LoggerOptions {
  /** Lines below it are not written. Default: `info`. */
  readonly level?: LogLevel
  /** Said on every line. */
  readonly fields?: LogFields
  /** Takes one line with its end. Default: stdout. */
  readonly write?: (line: string) => void
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

/**
 * Writes one line of JSON for each message: time, level, msg, then the fields. It writes what it is given and looks for nothing: whoever
 * passes an object that holds a secret has printed the secret.
 */
export class Logger implements Log {
  readonly #options: Required<LoggerOptions>

  constructor(options: LoggerOptions = {}) {
    const { level = 'info', fields = {}, write = (line) => void process.stdout.write(line), now = Date.now } = options
    this.#options = { level, fields, write, now }
  }

  /** A logger that says these fields as well on every line. */
  child(fields: LogFields): Logger {
    return new Logger({ ...this.#options, fields: { ...this.#options.fields, ...fields } })
  }

  debug(message: string, fields?: LogFields): void {
    this.#line('debug', message, fields)
  }

  info(message: string, fields?: LogFields): void {
    this.#line('info', message, fields)
  }

  warn(message: string, fields?: LogFields): void {
    this.#line('warn', message, fields)
  }

  error(message: string, fields?: LogFields): void {
    this.#line('error', message, fields)
  }

  #line(level: LogLevel, msg: string, fields: LogFields = {}): void {
    const { now, write } = this.#options
    if (logLevels.indexOf(level) < logLevels.indexOf(this.#options.level)) return
    const line = { time: new Date(now()).toISOString(), level, msg, ...this.#options.fields, ...fields }
    write(`${stringify(line)}\n`)
  }
}

/** A line must not be lost, and no caller must fail, because of what is in a field. */
function stringify(line: Readonly<Record<string, unknown>>): string {
  try {
    return JSON.stringify(line, (_key, value: unknown) => (value instanceof Error ? errorFields(value) : typeof value === 'bigint' ? String(value) : value))
  } catch (error) {
    const { time, level, msg } = line
    return JSON.stringify({ time, level, msg, logError: error instanceof Error ? error.message : String(error) })
  }
}

/** Name, message and stack, and the chain of causes; other properties of errors hold whole requests in some libraries. */
function errorFields(error: Error, depth = 0): Record<string, unknown> {
  const { name, message, stack, cause } = error
  const inner = cause instanceof Error && depth < 5 ? errorFields(cause, depth + 1) : typeof cause === 'string' ? cause : undefined
  return {
    name,
    message,
    ...(depth === 0 && stack ? { stack } : {}),
    ...(inner === undefined ? {} : { cause: inner }),
    ...(error instanceof AggregateError && depth < 5
      ? { errors: error.errors.slice(0, 10).map((each: unknown) => (each instanceof Error ? errorFields(each, depth + 1) : String(each))) }
      : {}),
  }
}
