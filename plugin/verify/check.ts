/** A check that was made. */
export interface CheckResult {
  readonly name: string
  readonly ok: boolean
  /** What was seen, or what was expected and seen instead. */
  readonly message: string
  readonly seconds: number
}

/** Throws a sentence with what was expected and what was seen instead. */
export function expect(condition: boolean, expected: string, seen: unknown): asserts condition {
  if (!condition) throw new Error(`expected ${expected}, saw ${typeof seen === 'string' ? seen.trim() : JSON.stringify(seen)}`)
}

/** Makes a check. Throws only what the signal was aborted with. */
export async function checked(name: string, run: () => Promise<string> | string, signal?: AbortSignal): Promise<CheckResult> {
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  try {
    const message = await run()
    return { name, ok: true, message, seconds: seconds() }
  } catch (error) {
    signal?.throwIfAborted()
    return { name, ok: false, message: error instanceof Error ? error.message : String(error), seconds: seconds() }
  }
}

/** A line for each check, and a last one that counts them. */
export function report(results: readonly CheckResult[]): string {
  const width = Math.max(0, ...results.map(({ name }) => name.length))
  const lines = results.map(({ name, ok, message, seconds }) => `${ok ? '✔' : '✘'} ${name.padEnd(width)} ${`${seconds.toFixed(1)} s`.padStart(7)}  ${message}`)
  const failed = results.filter(({ ok }) => !ok).length
  return [
    'Checks',
    ...lines.map((line) => `  ${line}`),
    failed === 0 ? `All ${results.length} checks passed.` : `${failed} of ${results.length} checks failed.`,
  ].join('\n')
}
