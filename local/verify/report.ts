import type { CheckResult } from './verify.ts'

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
