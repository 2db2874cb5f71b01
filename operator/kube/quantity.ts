const powers: Readonly<Record<string, readonly [base: bigint, exponent: bigint]>> = {
  n: [10n, 0n],
  u: [10n, 3n],
  m: [10n, 6n],
  '': [10n, 9n],
  k: [10n, 12n],
  M: [10n, 15n],
  G: [10n, 18n],
  T: [10n, 21n],
  P: [10n, 24n],
  E: [10n, 27n],
  Ki: [2n, 10n],
  Mi: [2n, 20n],
  Gi: [2n, 30n],
  Ti: [2n, 40n],
  Pi: [2n, 50n],
  Ei: [2n, 60n],
}
const NANO = 10n ** 9n

/** The value of a quantity of Kubernetes (`500m`, `0.5`, `1Gi`, `1e3`) in billionths, exactly; `undefined` where it is none. */
export function nanosOf(quantity: unknown): bigint | undefined {
  const match = /^([+-]?)(\d+)?(?:\.(\d*))?(?:[eE]([+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/.exec(String(quantity))
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent, suffix = ''] = match
  if (whole === '' && fraction === '') return undefined
  const power = powers[suffix]
  if (power === undefined || Math.abs(Number(exponent ?? 0)) > 30) return undefined
  const [base, times] = power
  const scaled = BigInt(whole + fraction) * base ** times * (base === 2n ? NANO : 1n) * 10n ** BigInt(Math.max(0, Number(exponent ?? 0)))
  const value = scaled / 10n ** BigInt(fraction.length + Math.max(0, -Number(exponent ?? 0)))
  return sign === '-' ? -value : value
}

/** Whether two quantities are the same amount. What is no quantity equals only itself. */
export function sameQuantity(one: unknown, other: unknown): boolean {
  const value = nanosOf(one)
  return value === undefined ? one === other : value === nanosOf(other)
}
