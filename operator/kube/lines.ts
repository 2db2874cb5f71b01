/** The lines of a stream of UTF-8, without their ends and without empty ones. What comes after the last newline is not a line: it was cut off. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // Parts of the line that has not ended; joined once, so that a large object in many chunks does not cost its square.
  let parts: string[] = []
  for await (const chunk of chunks) {
    const pieces = decoder.decode(chunk, { stream: true }).split('\n')
    const rest = pieces.pop() ?? ''
    for (const piece of pieces) {
      parts.push(piece)
      const line = parts.join('')
      parts = []
      if (line.trim() !== '') yield line
    }
    if (rest !== '') parts.push(rest)
  }
}
