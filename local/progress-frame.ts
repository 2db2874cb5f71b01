import type { StepState, StepView } from './progress.ts'

const COLOURS: Record<StepState, string> = { waiting: '\u001B[2m', running: '\u001B[36m', done: '\u001B[32m', failed: '\u001B[31m' }
const SIGNS: Record<StepState, string> = { waiting: '·', running: '▸', done: '✔', failed: '✘' }
const RESET = '\u001B[0m'

interface Line {
  readonly depth: number
  readonly view: StepView
}

/** Done steps hide what they consisted of; a failed one shows only what failed or had not ended. */
function visible(views: readonly StepView[], depth: number): Line[] {
  return views.flatMap((view) => {
    const shown = view.state === 'done' ? [] : view.children.filter((child) => view.state !== 'failed' || child.state !== 'done')
    return [{ depth, view }, ...visible(shown, depth + 1)]
  })
}

/** What a frame that is too high loses first: waiting steps, then done ones, then the deepest; never a failed one. */
function importance({ depth, view }: Line): number {
  const state = { failed: 1000, running: 200, done: 100, waiting: 50 }[view.state]
  return state - depth
}

function fitted(lines: readonly Line[], height: number): { lines: Line[]; hidden: number } {
  if (lines.length <= height) return { lines: [...lines], hidden: 0 }
  const keep = new Set(lines.toSorted((a, b) => importance(b) - importance(a)).slice(0, Math.max(1, height - 1)))
  return { lines: lines.filter((line) => keep.has(line)), hidden: lines.length - keep.size }
}

function seconds(view: StepView, now: number): string {
  if (view.startedAt === undefined) return ''
  const ms = Math.max(0, (view.endedAt ?? now) - view.startedAt)
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)}s` : `${Math.floor(ms / 60_000)}m${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}s`
}

function oneLine({ depth, view }: Line, now: number, columns: number): string {
  const head = `${'  '.repeat(depth)}${SIGNS[view.state]} ${view.name}`
  const time = seconds(view, now).padStart(7)
  const room = columns - time.length - 1
  const message = view.message.replaceAll(/\s+/g, ' ')
  const text = message === '' || (view.state === 'done' && depth > 0) ? head : `${head}  ${message}`
  const cut = text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text.padEnd(room)
  const named = cut.slice(0, head.length)
  return `${COLOURS[view.state]}${named}${RESET}\u001B[2m${cut.slice(head.length)} ${time}${RESET}`
}

/**
 * The lines of one frame of the live display, no longer than `columns` and no more than `rows - 1`
 * (a frame as high as the terminal would scroll it).
 */
export function renderFrame(root: readonly StepView[], now: number, size: { columns: number; rows: number }): string[] {
  const { lines, hidden } = fitted(visible(root, 0), size.rows - 1)
  const drawn = lines.map((line) => oneLine(line, now, size.columns))
  return hidden === 0 ? drawn : [...drawn, `\u001B[2m  … and ${hidden} more${RESET}`]
}
