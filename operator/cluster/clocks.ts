import type { OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import { isWrong } from '../chrony/clock.ts'
import { TIME_STEP } from '../compute/time.ts'
import type { Scope } from '../model/scope.ts'

type Counts = Pick<NonNullable<OpenStackClusterStatus['hypervisors']>, 'watchedClocks' | 'wrongClocks'>

/** The clocks, counted: nothing while nobody looks at them, what was counted last until there is an answer. */
export function clocksOf(scope: Pick<Scope, 'spec' | 'outside'>, before: Counts = {}): Counts {
  const { mode, maxOffsetMilliseconds } = scope.spec.timeSync
  if (mode === 'Off') return {}
  const clocks = scope.outside(TIME_STEP)?.data?.time
  if (clocks === undefined) {
    const { watchedClocks, wrongClocks } = before
    return watchedClocks === undefined || wrongClocks === undefined ? {} : { watchedClocks, wrongClocks }
  }
  const wrong = clocks.filter((clock) => clock.state !== 'Synchronized' || isWrong(clock, maxOffsetMilliseconds))
  return { watchedClocks: clocks.length, wrongClocks: wrong.length }
}
