/** What a line of the log says beside its message. An `error` may be an Error. */
export type LogFields = Readonly<Record<string, unknown>>

/** Where the pieces of this folder and of runtime/ write what a person may want to know. */
export interface Log {
  debug(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}
