/** So many things a message names. */
const NAMED = 5

/** The first few of many in words, and how many more there are: a message of a cloud with a thousand nodes is as long as that of one with ten. */
export function someOf(words: readonly string[], separator = ', '): string {
  const rest = words.length - NAMED
  return rest <= 0 ? words.join(separator) : `${words.slice(0, NAMED).join(separator)}${separator}and ${rest} more`
}
