/** An event of the API server's audit log, as far as it is read here. */
interface AuditEvent {
  readonly kind: 'Event'
  readonly verb: string
  readonly user: { readonly username: string }
  readonly objectRef?: { readonly resource: string; readonly subresource?: string }
  readonly requestReceivedTimestamp: string
}

/** How often somebody has written what, `verb resource` → times, most first. */
export type Writes = Readonly<Record<string, number>>

const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection'])

/**
 * What a user has written in a time (ms since the epoch), by the lines of a log that an audit log is a part of. `undefined` where there is no audit log: then
 * nothing is known. Pure.
 */
export function writesIn(log: string, username: string, from: number, to: number): Writes | undefined {
  const events = log.split('\n').flatMap((line) => (line.startsWith('{"kind":"Event"') ? [JSON.parse(line) as AuditEvent] : []))
  if (events.length === 0) return undefined
  const writes: Record<string, number> = {}
  for (const { verb, user, objectRef, requestReceivedTimestamp } of events) {
    const at = Date.parse(requestReceivedTimestamp)
    if (user.username !== username || !writing.has(verb) || at < from || at > to) continue
    const what = `${verb} ${objectRef?.resource ?? '?'}${objectRef?.subresource ? `/${objectRef.subresource}` : ''}`
    writes[what] = (writes[what] ?? 0) + 1
  }
  return Object.fromEntries(Object.entries(writes).toSorted(([, a], [, b]) => b - a))
}
