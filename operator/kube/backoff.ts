/** How long to wait after a failure. Times in ms. */
export interface BackoffOptions {
  readonly first: number
  readonly last: number
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/** The wait after `failures` failures in a row (1 is the first): doubled each time, and spread by ±20 % so that many do not come in step. */
export function backoff(failures: number, { first, last, random }: BackoffOptions): number {
  const exponent = Math.min(Math.max(0, failures - 1), 40)
  return Math.min(last, first * 2 ** exponent) * (0.8 + 0.4 * random())
}
