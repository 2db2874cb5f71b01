import { createHash } from 'node:crypto'

/**
 * A short, stable name for a value: the first `length` hex digits of the SHA-256 of its JSON with sorted keys, so that two values that
 * mean the same get the same hash whatever the order of their keys. Ten digits (40 bits) are plenty for the few objects of a cluster.
 */
export function hashOf(value: unknown, length = 10): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(value)) ?? 'undefined')
    .digest('hex')
    .slice(0, length)
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => [key, sorted(inner)]))
}
