import { renderFrame } from './progress-frame.ts'

/** How a step stands: it waits for another, runs, or has ended well or badly. */
export type StepState = 'waiting' | 'running' | 'done' | 'failed'

/** One step of a long run, as it is drawn. Times are milliseconds of the progress' clock. */
export interface StepView {
  readonly name: string
  state: StepState
  /** What it does now or waits for; one line. */
  message: string
  startedAt: number | undefined
  endedAt: number | undefined
  readonly children: StepView[]
}

/** What a step (or the whole progress) offers to the code that runs under it. */
export interface Steps {
  /** Runs `run` as a named step below this one: done when it resolves, failed (and rethrown) when it throws. Steps may run side by side. */
  step<T>(name: string, run: (step: Step) => Promise<T>): Promise<T>
  /** Sets a step that is driven from outside (made on first mention), such as one of a custom resource's status. */
  set(name: string, change: { state: StepState; message?: string }): void
  /** Prints a line that stays, above what is redrawn. */
  readonly note: (line: string) => void
}

/** A running step. */
export interface Step extends Steps {
  /** Says what the step does now. An unchanged message is not printed twice. */
  readonly update: (message: string) => void
  /** Says what the step waits for; the next `update` makes it running again. */
  readonly wait: (message: string) => void
}

/** The progress of one command. */
export interface Progress extends Steps {
  /** Draws the last state and leaves the terminal as it was found. Steps after that are not drawn. */
  close(): void
}

/** Where progress is written to: `process.stdout`, or anything like it. */
export interface ProgressOutput {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

export interface ProgressOptions {
  /** Milliseconds; monotonic by default. */
  now?: () => number
  /** Overrides what the output says of itself. */
  tty?: boolean
}

/** How often a terminal is redrawn at most, so that the seconds move and fast messages don't flicker. */
const FRAME_MS = 100

/**
 * Shows the steps of a long command: on a terminal as a tree that is redrawn in place, elsewhere as one line a change.
 */
export function createProgress(output: ProgressOutput, options: ProgressOptions = {}): Progress {
  const now = options.now ?? (() => performance.now())
  const tty = options.tty ?? (output.isTTY === true && process.env['TERM'] !== 'dumb')
  const root: StepView[] = []
  const begin = now()
  const printer = tty ? liveScreen(output, root, now) : lineLog(output, () => now() - begin)

  function stepsOf(children: StepView[], path: readonly string[]): Steps {
    return {
      async step(name, run) {
        const view: StepView = { name, state: 'running', message: '', startedAt: now(), endedAt: undefined, children: [] }
        const place = children.findIndex((known) => known.name === name)
        if (place < 0) children.push(view)
        else children[place] = view
        const own = [...path, name]
        const change = (state: StepState, message: string) => {
          if (view.state === state && view.message === message) return
          view.state = state
          view.message = message
          printer.changed(own, view)
        }
        printer.changed(own, view)
        try {
          const result = await run({
            ...stepsOf(view.children, own),
            update: (message) => change('running', message),
            wait: (message) => change('waiting', message),
          })
          view.endedAt = now()
          change('done', view.state === 'waiting' ? '' : view.message)
          return result
        } catch (error) {
          view.endedAt = now()
          change('failed', error instanceof Error ? error.message : String(error))
          throw error
        }
      },
      set(name, { state, message = '' }) {
        let view = children.find((known) => known.name === name)
        const known = view !== undefined
        if (!view) {
          view = { name, state, message, startedAt: undefined, endedAt: undefined, children: [] }
          children.push(view)
        }
        const same = known && view.state === state && view.message === message
        const ended = state === 'done' || state === 'failed'
        if (state === 'running' || ended) view.startedAt ??= now()
        if (!ended) view.endedAt = undefined
        else if (view.state !== state || !known) view.endedAt = now()
        view.state = state
        view.message = message
        if (!same) printer.changed([...path, name], view)
      },
      note: (line) => printer.note(line),
    }
  }
  return { ...stepsOf(root, []), close: () => printer.close() }
}

interface Printer {
  changed(path: readonly string[], view: StepView): void
  note(line: string): void
  close(): void
}

const WORDS: Record<StepState, string> = { waiting: 'waits', running: 'runs', done: 'done', failed: 'FAILED' }

/** How often a log gets a new message of a step that runs on: some say what they do many times a second. */
const MESSAGE_MS = 5000

/** One line a change, for logs: seconds since the start, the step's path, its state, its message. */
function lineLog(output: ProgressOutput, elapsed: () => number): Printer {
  const printed = new Map<string, { state: StepState; at: number; later?: NodeJS.Timeout }>()
  const print = (path: readonly string[], view: StepView) => {
    const seconds = (elapsed() / 1000).toFixed(1).padStart(7)
    const took = view.endedAt !== undefined && view.startedAt !== undefined ? ` after ${((view.endedAt - view.startedAt) / 1000).toFixed(1)} s` : ''
    const message = view.message === '' ? '' : `: ${view.message}`
    output.write(`[${seconds} s] ${path.join(' › ')} ${WORDS[view.state]}${took}${message}\n`)
  }
  return {
    changed(path, view) {
      const key = path.join('\n')
      const last = printed.get(key)
      const rest = last === undefined || last.state !== view.state ? 0 : last.at + MESSAGE_MS - elapsed()
      if (last !== undefined && rest > 0) {
        // The newest message is printed when its time has come, so that a step that is stuck says where.
        last.later ??= setTimeout(() => {
          printed.set(key, { state: view.state, at: elapsed() })
          print(path, view)
        }, rest).unref()
        return
      }
      clearTimeout(last?.later)
      // The line that says that a step runs is no message yet: the first one comes at once.
      printed.set(key, { state: view.state, at: view.message === '' ? Number.NEGATIVE_INFINITY : elapsed() })
      print(path, view)
    },
    note: (line) => void output.write(`${line}\n`),
    close() {
      for (const { later } of printed.values()) clearTimeout(later)
    },
  }
}

/** Redraws the tree in place. A frame is one write, so that a terminal never shows half of it. */
function liveScreen(output: ProgressOutput, root: readonly StepView[], now: () => number): Printer {
  let height = 0
  let closed = false
  const draw = (above = '', whole = false) => {
    const size = { columns: output.columns ?? 80, rows: whole ? Number.POSITIVE_INFINITY : (output.rows ?? 24) }
    const lines = renderFrame(root, now(), size)
    const up = height > 0 ? `\u001B[${height}A` : ''
    // Each line is overwritten and only its rest cleared: clearing first is what flickers.
    const body = [...(above === '' ? [] : above.split('\n')), ...lines].map((line) => `${line}\u001B[K\n`).join('')
    output.write(`\u001B[?25l\u001B[?7l${up}\r${body}\u001B[J\u001B[?7h\u001B[?25h`)
    height = lines.length
  }
  // Unref'd: a drawing alone must not keep the process alive.
  const timer = setInterval(() => draw(), FRAME_MS)
  timer.unref()
  return {
    changed: () => {},
    note: (line) => {
      if (closed) output.write(`${line}\n`)
      else draw(line)
    },
    close() {
      if (closed) return
      closed = true
      clearInterval(timer)
      draw('', true)
    },
  }
}
