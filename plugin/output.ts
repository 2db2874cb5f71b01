/** Where a command writes, and what it is that reads there. */
export interface Output {
  readonly write: (text: string) => void
  /** For what is no answer: errors and warnings. */
  readonly warn: (text: string) => void
  /** The size of the terminal; `undefined` where it is none, but a file or another program. */
  readonly size: () => { readonly columns: number; readonly rows: number } | undefined
  readonly colour: boolean
}

/** This process's own. */
export function processOutput({ stdout, stderr, env }: Pick<NodeJS.Process, 'stdout' | 'stderr' | 'env'> = process): Output {
  return {
    write: (text) => void stdout.write(text),
    warn: (text) => void stderr.write(text),
    size: () => (stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : undefined),
    colour: stdout.isTTY && !env['NO_COLOR'],
  }
}

const codes = { green: 32, red: 31, yellow: 33, cyan: 36, dim: 2, bold: 1 } as const

export type Colour = keyof typeof codes

/** Gives a text a colour, or does not. */
export type Paint = (colour: Colour, text: string) => string

/** What paints for an output. */
export function painter({ colour }: Pick<Output, 'colour'>): Paint {
  return colour ? (name, text) => `\u001B[${codes[name]}m${text}\u001B[0m` : (_name, text) => text
}

/** Columns as wide as their longest cell, two spaces between, no spaces at the end. Colours have no width. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = []
  for (const row of rows) for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
  return rows.map((row) =>
    row
      .map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  )
}

// oxlint-disable-next-line no-control-regex -- colours begin with that character
const COLOURS = /(\u001B\[\d+m)/g

const widthOf = (text: string): number => text.replaceAll(COLOURS, '').length

/** A time span for people: `340ms`, `12s`, `3m5s`, `2h`, `5d`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms))}ms`
  const seconds = Math.floor(ms / 1000)
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 120) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  return hours < 48 ? `${hours}h` : `${Math.floor(hours / 24)}d`
}

/** The lines as far as they fit into a terminal, each cut to its width, and how many more there are. */
export function fitted(lines: readonly string[], { columns, rows }: { readonly columns: number; readonly rows: number }): string[] {
  const most = Math.max(1, rows - 1)
  const shown = lines.length > most ? [...lines.slice(0, most - 1), `… and ${lines.length - most + 1} more lines`] : lines
  return shown.map((line) => cut(line, columns))
}

/** The first `width` characters of a line, with its colours. */
function cut(line: string, width: number): string {
  if (widthOf(line) <= width) return line
  let left = Math.max(0, width - 1)
  const parts = line.split(COLOURS).map((part, index) => {
    if (index % 2 === 1) return part
    const kept = part.slice(0, left)
    left -= kept.length
    return kept
  })
  return `${parts.join('')}…`
}
