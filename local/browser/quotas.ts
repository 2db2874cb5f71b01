/** One circle of the overview's limit summary, in words of the page: `128MB` of `50GB`. */
export interface Quota {
  readonly name: string
  readonly used: string
  readonly limit: string
}

/** The quotas in the overview's text, in which each is a line with its name and one such as `Used 1 of 10` or `Allocated 1 of 50`. */
export function quotas(text: string): Quota[] {
  const lines = text.split('\n').map((line) => line.trim())
  const named = lines.filter((line) => line !== '')
  return named.flatMap((line, index) => {
    const found = /^(?:Used|Allocated) (\S+) of (.+)$/.exec(line)
    const name = named[index - 1]
    return found && name !== undefined ? [{ name, used: found[1] ?? '', limit: found[2] ?? '' }] : []
  })
}
