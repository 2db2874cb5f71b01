/** What no retry can mend, only a change of what was declared, or a person. The controller logs it and waits for the next event. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError'
}
