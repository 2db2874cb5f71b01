import type { ControlLoopResult } from './control-loop.ts'
import { percentiles } from './times.ts'

/** What each figure is to be at most. */
const TARGETS = { changeMs: 300, memoryMiB: 90, cpuPercent: 0.5 }

/** The result for people. Pure. */
export function controlLoopTable({ changes, rest, writes }: ControlLoopResult): string {
  const verdict = (good: boolean) => (good ? 'met' : 'NOT MET')
  const others = Object.entries(writes ?? {}).filter(([what]) => !what.endsWith(' leases'))
  const lease = Object.entries(writes ?? {}).find(([what]) => what.endsWith(' leases'))
  return [
    ...Object.entries(changes).map(([name, times]) => {
      const { p50, p95, max } = percentiles(times)
      const line = `${name}: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, max ${max.toFixed(0)} ms of ${times.length} changes`
      return `${line} (p95 at most ${TARGETS.changeMs} ms: ${verdict(p95 <= TARGETS.changeMs)})`
    }),
    `at rest, working set ${rest.workingSetMiB.toFixed(1)} MiB, of it the process's own ${rest.residentMiB.toFixed(1)} MiB (at most ${TARGETS.memoryMiB} MiB: ${verdict(rest.workingSetMiB <= TARGETS.memoryMiB)})`,
    `at rest, processor ${rest.cpuPercentOfACore.toFixed(2)} % of a core over ${rest.minutes} min (at most ${TARGETS.cpuPercent} %: ${verdict(rest.cpuPercentOfACore <= TARGETS.cpuPercent)})`,
    writes === undefined
      ? 'writes at rest: not known, there is no audit log'
      : `writes at rest, besides ${lease?.[1] ?? 0} renewals of the Lease: ${others.map(([what, count]) => `${count} ${what}`).join(', ') || 'none'} (none: ${verdict(others.length === 0)})`,
  ].join('\n')
}
