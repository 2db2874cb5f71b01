/**
 * Runs a program of the command line until it ends or is interrupted, which aborts its signal; a second interruption ends it at once. What `main` resolves
 * with is the exit code, by default 0; what it throws is told in one line, and the code is 1.
 */
export async function runProgram(main: (argv: readonly string[], signal: AbortSignal) => Promise<number | void>): Promise<void> {
  const interrupted = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort(new Error(`interrupted by ${name}`)))
  try {
    process.exitCode = (await main(process.argv.slice(2), interrupted.signal)) ?? 0
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
