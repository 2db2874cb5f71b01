/** Something that only a person (or time) can mend, in words that say how. */
export interface Problem {
  /** CamelCase, for the condition. */
  readonly reason: string
  /** Names the thing, the value and the remedy. */
  readonly message: string
}
