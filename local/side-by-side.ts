/**
 * Runs tasks side by side. When one fails the signal of the others is aborted; the first error is thrown once all have ended,
 * so that nothing goes on behind the caller's back.
 */
export async function sideBySide<T>(signal: AbortSignal | undefined, tasks: readonly ((signal: AbortSignal) => Promise<T>)[]): Promise<T[]> {
  const failed = new AbortController()
  const both = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal
  const running = tasks.map(async (task) => {
    try {
      return await task(both)
    } catch (error) {
      // The first reason stays: what the others say after it is only that they were aborted.
      failed.abort(error)
      throw error
    }
  })
  await Promise.allSettled(running)
  signal?.throwIfAborted()
  if (failed.signal.aborted) throw failed.signal.reason
  return Promise.all(running)
}
