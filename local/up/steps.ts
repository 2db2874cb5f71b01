import type { Step, Steps } from '../progress.ts'
import type { Span } from './timeline.ts'

/** Runs the steps of `up` and remembers when each could start, started and ended. */
export class RecordedSteps {
  readonly #steps: Steps
  readonly #ends = new Map<string, number>()
  /** When the run began. */
  readonly begin = Date.now()
  readonly spans: Span[] = []

  constructor(steps: Steps) {
    this.#steps = steps
  }

  /** Runs a step that needs others; those have ended, or are not part of this run. */
  async run<T>(id: string, needs: readonly string[], run: (step: Step) => Promise<T>): Promise<T> {
    const start = Date.now()
    const result = await this.#steps.step(id, run)
    const end = Date.now()
    const possible = Math.min(start, Math.max(this.begin, ...needs.map((need) => this.#ends.get(need) ?? 0)))
    this.#ends.set(id, end)
    this.spans.push({ id, kind: 'local', possible, start, end, needs })
    return result
  }
}
