/** What came of a number of tests. A skipped test, or one that is marked as to do, neither passed nor failed. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** How one test of node:test ended. */
export interface TestEnd {
  readonly name: string
  readonly file?: string
  readonly passed: boolean
  readonly suite: boolean
  readonly skipped: boolean
  /** node:test's word for why it failed. */
  readonly failureType?: string
}

export const noCounts = (): Counts => ({ passed: 0, failed: 0, skipped: 0 })

/** Adds up counts. */
export function sum(all: readonly Counts[]): Counts {
  const total = noCounts()
  for (const { passed, failed, skipped } of all) {
    total.passed += passed
    total.failed += failed
    total.skipped += skipped
  }
  return total
}

/** Counts tests by how they ended. */
export function count(ends: readonly TestEnd[]): Counts {
  const counts = noCounts()
  for (const end of ends) {
    // The tests below it are counted themselves.
    if (end.failureType === 'subtestsFailed') continue
    if (!end.passed && !end.skipped) counts.failed++
    // node:test takes a file without tests for a test of that name: nothing was tested.
    else if (end.name === end.file) counts.failed++
    else if (end.suite) continue
    else if (end.skipped) counts.skipped++
    else counts.passed++
  }
  return counts
}

/** The last line of a run. */
export function totalLine({ passed, failed }: Counts): string {
  return `${passed} passed, ${failed} failed`
}
