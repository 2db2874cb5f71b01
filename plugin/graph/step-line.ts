import type { StepState } from '../../operator/api/v1alpha1/index.ts'
import { duration } from '../output.ts'
import type { Colour, Paint } from '../output.ts'
import type { GraphStep } from './steps.ts'
import type { Branch } from './tree.ts'

export const signs: Readonly<Record<StepState, string>> = { Ready: '✔', Progressing: '▸', Waiting: '·', Failed: '✘' }
export const colours: Readonly<Record<StepState, Colour>> = { Ready: 'green', Progressing: 'cyan', Waiting: 'dim', Failed: 'red' }

/** One step of a tree in a line: its state, how long it took or takes, and what it says. */
export function stepLine({ step, also }: Branch, paint: Paint, now: number): string {
  const { id, state } = step
  const time = timeOf(step, now)
  const words = [
    paint(colours[state], `${signs[state]} ${id}`),
    ...(time === undefined ? [] : [paint('dim', time)]),
    ...(also.length === 0 ? [] : [paint('dim', `${state === 'Waiting' ? 'waits for' : 'needs'} ${also.join(', ')}, too`)]),
    ...(messageOf(step) === '' ? [] : [messageOf(step)]),
  ]
  return words.join('  ')
}

/** What a step says besides what it waits for, which the tree shows. */
function messageOf({ state, message = '' }: GraphStep): string {
  return state === 'Waiting' && message.startsWith('waits for ') ? '' : message.replaceAll(/\s+/g, ' ')
}

function timeOf({ state, startedAt, readyAt }: GraphStep, now: number): string | undefined {
  if (startedAt === undefined) return undefined
  if (state === 'Ready' && readyAt !== undefined) return duration(Date.parse(readyAt) - Date.parse(startedAt))
  // Of one that was ready before, nobody has written down since when it is not.
  return state === 'Ready' || readyAt !== undefined ? undefined : duration(now - Date.parse(startedAt))
}
