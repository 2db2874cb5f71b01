/** A line for each row of times, in ms: minimum, median and maximum, and the median as a multiple of the last row's. Throws for a row without a time. */
export function compare(rows: Readonly<Record<string, readonly number[]>>): string {
  const summaries = Object.entries(rows).map(([name, times]) => ({ name, ...summaryOf(name, times) }))
  const reference = summaries.at(-1)?.median ?? 1
  const width = Math.max(...summaries.map(({ name }) => name.length))
  return summaries
    .map(
      ({ name, min, median, max }) =>
        `${name.padEnd(width)}  min ${min.toFixed(1)} ms  median ${median.toFixed(1)} ms  max ${max.toFixed(1)} ms  ×${(median / reference).toFixed(2)}`,
    )
    .join('\n')
}

function summaryOf(name: string, times: readonly number[]): { min: number; median: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const [min] = sorted
  const max = sorted.at(-1)
  const median = sorted[Math.floor(sorted.length / 2)]
  if (min === undefined || max === undefined || median === undefined) throw new RangeError(`${name}: no time was taken`)
  return { min, median, max }
}

/** Percentiles of times, in the times' own unit: by the nearest rank, so that each is a time that was taken. Throws where none was. */
export function percentiles(times: readonly number[]): { p50: number; p95: number; max: number } {
  const sorted = times.toSorted((a, b) => a - b)
  const rank = (share: number): number => {
    const time = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    if (time === undefined) throw new RangeError('no time was taken')
    return time
  }
  return { p50: rank(0.5), p95: rank(0.95), max: rank(1) }
}
