/**
 * Does `work` for each name, at most `limit` at a time, and for none before its parent if that is one of the names. Earlier names go first
 * where there is a choice. Rejects with the first error, once what was under way has ended.
 */
export async function inOrder(
  names: readonly string[],
  parentOf: (name: string) => string | undefined,
  limit: number,
  work: (name: string) => Promise<void>,
): Promise<void> {
  const waiting = new Set(names)
  const running = new Map<string, Promise<string>>()
  const done = new Set<string>()
  const errors: unknown[] = []
  const one = async (name: string): Promise<string> => {
    try {
      await work(name)
      done.add(name)
    } catch (error) {
      errors.push(error)
    }
    return name
  }
  const mayStart = (name: string): boolean => {
    const parent = parentOf(name)
    return parent === undefined || done.has(parent) || !names.includes(parent)
  }
  for (;;) {
    for (const name of waiting) {
      if (errors.length > 0 || running.size >= limit) break
      if (!mayStart(name)) continue
      waiting.delete(name)
      running.set(name, one(name))
    }
    if (running.size === 0) break
    running.delete(await Promise.race(running.values()))
  }
  if (errors.length > 0) throw errors[0]
  if (waiting.size > 0) throw new Error(`these are each other's parents: ${[...waiting].join(', ')}`)
}
