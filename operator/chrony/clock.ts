import { someOf } from '../config/some-of.ts'
import type { Report } from './client.ts'

/** The clocks that are to be looked at, and how wrong they may be. */
export interface TimeWant {
  /** Each chronyd by its node and its address. */
  readonly chronyds: readonly { readonly node: string; readonly address: string }[]
  /** Their servers, as the resource names them. */
  readonly servers: readonly string[]
  readonly mode: 'Monitor' | 'Synchronize'
  readonly maxOffsetMilliseconds: number
}

/**
 * How a node's chronyd stands: it follows a server; none gives it the time; some do, but it believes none of them; or it does not
 * answer the operator.
 */
export type ClockState = 'Synchronized' | 'NoAnswer' | 'NoAgreement' | 'Unreachable'

/** One node's clock. */
export interface Clock {
  readonly node: string
  readonly state: ClockState
  /** By how much the clock is ahead of the server that chronyd follows, in seconds; known while it is synchronized. */
  readonly offset?: number
  /** By how much `offset` may be wrong, in seconds. */
  readonly error?: number
}

/** The last four questions: so many may go unanswered before a server is taken for silent. */
const RECENT = 0b1111

/**
 * What a report says of the clock. The offset is that of the last measurement: what chronyd has made of the clock may take several of them
 * to follow a jump.
 */
export function clockOf(node: string, report: Report | undefined): Clock {
  if (report === undefined) return { node, state: 'Unreachable' }
  const answering = report.sources.filter(({ reachability }) => (reachability & RECENT) !== 0)
  const source = answering.find(({ selected }) => selected)
  if (source === undefined) return { node, state: answering.length === 0 ? 'NoAnswer' : 'NoAgreement' }
  return { node, state: 'Synchronized', offset: source.offset - report.tracking.correction, error: source.error }
}

/** Whether the clock is wrong by more than the limit for certain, whatever the way to the server did to the measurement. */
export function isWrong({ offset = 0, error = 0 }: Clock, maxOffsetMilliseconds: number): boolean {
  return Math.abs(offset) - error > maxOffsetMilliseconds / 1000
}

/** What a person must mend, the first reason and all sentences; `undefined` where all is well. */
export function clockProblem(want: TimeWant, clocks: readonly Clock[]): { reason: string; message: string } | undefined {
  const servers = `timeSync.servers (${want.servers.join(', ')})`
  const nodes = (state: ClockState) => clocks.filter((clock) => clock.state === state).map(({ node }) => node)
  const wrong = clocks.filter((clock) => isWrong(clock, want.maxOffsetMilliseconds)).map(({ node, offset = 0 }) => `that of ${node} is ${amount(offset)}`)
  const problems = [
    [
      'ClockOffset',
      wrong,
      `a clock is off timeSync.servers by more than the ${want.maxOffsetMilliseconds} ms of timeSync.maxOffsetMilliseconds: ${someOf(wrong)}; ${remedy[want.mode]}`,
    ],
    [
      'NoTimeSource',
      nodes('NoAnswer'),
      `no server of ${servers} gives the time to ${someOf(nodes('NoAnswer'))}: see that the names resolve, that the servers have the time themselves, and that the nodes reach their UDP port 123`,
    ],
    [
      'NoTimeSource',
      nodes('NoAgreement'),
      `the servers of ${servers} answer ${someOf(nodes('NoAgreement'))} and contradict each other: take the wrong one out, or name three or more`,
    ],
    [
      'ChronyUnreachable',
      nodes('Unreachable'),
      `chronyd of ${someOf(nodes('Unreachable'))} does not answer the operator: see that NetworkPolicies let it reach UDP port ${CHRONY_PORT} of pods of the app chrony`,
    ],
  ] as const
  const found = problems.filter(([, affected]) => affected.length > 0)
  const [first] = found
  return first === undefined ? undefined : { reason: first[0], message: found.map(([, , message]) => message).join('; ') }
}

/** The UDP port at which chronyd answers questions; its own one, 323, is for root alone. */
export const CHRONY_PORT = 10323

const remedy = {
  Monitor: 'mend what keeps the time on the node, or let chrony do it with timeSync.mode Synchronize',
  Synchronize: 'chrony slews it, by 1 s in 12 s at most; delete the chrony pod of the node to have it set at once',
} as const

/** `2.0 s ahead`; two digits, so that the noise of a measurement makes no new sentence. */
function amount(offset: number): string {
  const seconds = Math.abs(offset)
  const figure = seconds < 1 ? `${Number((seconds * 1000).toPrecision(2))} ms` : `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`
  return `${figure} ${offset > 0 ? 'ahead' : 'behind'}`
}
