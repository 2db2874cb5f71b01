/** Chance that can be had again: a seed gives always the same row of numbers. */
export class Dice {
  #state: number

  constructor(seed: number) {
    this.#state = seed
  }

  /** 0 ≤ x < 1 (mulberry32) */
  readonly random = (): number => {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  readonly bytes = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => this.below(256)))

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  between(low: number, high: number): number {
    return low + Math.round(this.random() * (high - low))
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  /** Throws where there is nothing to pick from. */
  pick<T>(values: readonly T[]): T {
    if (values.length === 0) throw new RangeError('nothing to pick from')
    return values[this.below(values.length)] as T
  }

  /** A row of its own, so that what one part throws is nothing to the others. */
  fork(): Dice {
    return new Dice(this.below(2 ** 31))
  }
}
