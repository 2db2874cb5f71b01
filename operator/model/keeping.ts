// Credentials whose other half is where the operator does not set it by itself: in encrypted rows, in an administrator's account, with people. Every other
// one can be made anew at any time, since the operator sets it wherever it is used.

/** How a credential outlives that its key in the Secret of credentials is gone. */
export interface Keeping {
  /** The Secret that is made from it. */
  readonly secret: string
  /** Its text again, from the files of that Secret. */
  readonly read: (files: Readonly<Record<string, string>>) => string | undefined
  /** To take its key away is how a person has it made anew: it is taken back only where the whole Secret is gone. */
  readonly rotates?: boolean
  /** Of one that must not be made anew by itself once it is in use. */
  readonly loss?: Loss
}

/** What is lost with a credential. */
export interface Loss {
  /** The volume claim that tells that it is in use, … */
  readonly claim?: string
  /** … or the step. */
  readonly step?: string
  readonly sentence: string
  /** What else is to be done where it is made anew. */
  readonly remedy: string
}
