/** One write that an `ensure` made, for events and logs. */
export interface Change {
  readonly action: 'created' | 'updated' | 'deleted'
  /** What kind of thing, in the field's words: `user`, `router interface`. */
  readonly kind: string
  /** Its name, or what else tells it from others. */
  readonly name: string
  /** Names of the fields that were updated. Never their values. */
  readonly fields?: readonly string[]
}

/** What an `ensure` did: nothing, when all was as wanted. */
export interface Ensured {
  readonly changes: readonly Change[]
}

/** A change as a sentence: `user nova updated (password)`. */
export function describeChange({ action, kind, name, fields }: Change): string {
  return `${kind} ${name} ${action}${fields && fields.length > 0 ? ` (${fields.join(', ')})` : ''}`
}
