import type { StatusClock } from '../api/v1alpha1/index.ts'
import { TIME_STEP } from '../compute/time.ts'
import type { Scope } from '../model/scope.ts'

/** So many the status may hold. */
const SHOWN = 1000

/**
 * What the status says of the clocks; `undefined` while nobody looks at them. A figure stays until the clock is off it by a tenth of the limit:
 * each measurement differs a little, and that is no news.
 */
export function clocksOf(scope: Pick<Scope, 'spec' | 'outside'>, before: readonly StatusClock[] | undefined): StatusClock[] | undefined {
  const { mode, maxOffsetMilliseconds } = scope.spec.timeSync
  if (mode === 'Off') return undefined
  const clocks = scope.outside(TIME_STEP)?.data?.time
  // Not asked yet, or being asked anew since a pod is another one.
  if (clocks === undefined) return before === undefined ? undefined : [...before]
  return clocks.slice(0, SHOWN).map(({ node, state, offset }) => {
    if (state !== 'Synchronized' || offset === undefined) return { node, synchronized: false }
    const now = offset * 1000
    const shown = before?.find((clock) => clock.node === node)?.offsetMilliseconds
    const steady = shown !== undefined && Math.abs(now - shown) <= maxOffsetMilliseconds / 10
    return { node, synchronized: true, offsetMilliseconds: steady ? shown : Math.round(now) }
  })
}
