/** When something could start, started, and ended; milliseconds since the epoch. */
export interface Span {
  readonly id: string
  /** A step of `npm run up` itself, or one of the operator's. */
  readonly kind: 'local' | 'cloud'
  readonly possible: number
  readonly start: number
  readonly end: number
  /** What it is known to need, by id. */
  readonly needs: readonly string[]
}

/**
 * The ids of the critical path, first to last: from the span that ended last, back through the need that ended last. Where no need of a
 * span is known, it is the span that ended last before this one could start: that is what "could start" means.
 */
export function criticalPath(spans: readonly Span[]): string[] {
  const path: string[] = []
  const seen = new Set<string>()
  let current = latest(spans)
  while (current !== undefined && !seen.has(current.id)) {
    const { id, possible, needs } = current
    seen.add(id)
    path.unshift(id)
    const known = spans.filter((span) => needs.includes(span.id) && !seen.has(span.id))
    current = latest(known.length > 0 ? known : spans.filter((span) => !seen.has(span.id) && span.end <= possible))
  }
  return path
}

function latest(spans: readonly Span[]): Span | undefined {
  let last: Span | undefined
  for (const span of spans) if (last === undefined || span.end > last.end) last = span
  return last
}

/** What is written to `.local/timeline.json`. */
export interface Timeline {
  readonly begin: string
  readonly seconds: number
  readonly criticalPath: readonly string[]
  /** Seconds since `begin`. */
  readonly steps: readonly { id: string; kind: Span['kind']; possible: number; start: number; end: number; needs: readonly string[] }[]
}

/** The spans as seconds since the first of them, sorted by their start. */
export function timelineOf(spans: readonly Span[]): Timeline {
  const begin = Math.min(...spans.map(({ possible }) => possible))
  const seconds = (time: number) => Math.round((time - begin) / 10) / 100
  return {
    begin: new Date(begin).toISOString(),
    seconds: seconds(Math.max(...spans.map(({ end }) => end))),
    criticalPath: criticalPath(spans),
    steps: spans
      .toSorted((a, b) => a.possible - b.possible || a.start - b.start || a.end - b.end)
      .map(({ possible, start, end, ...rest }) => ({ ...rest, possible: seconds(possible), start: seconds(start), end: seconds(end) })),
  }
}
