/** A value of an option as oslo.config reads it; a list is joined by commas, `undefined` leaves the option out. */
export type IniValue = string | number | boolean | readonly string[] | undefined

/** A file of oslo.config: section → option → value. */
export type Ini = Readonly<Record<string, Readonly<Record<string, IniValue>>>>

/** Joins several files; for an option that is set twice, the later one wins. */
export function mergeIni(...files: readonly (Ini | undefined)[]): Ini {
  const merged: Record<string, Record<string, IniValue>> = {}
  for (const file of files) {
    for (const [section, options] of Object.entries(file ?? {})) {
      merged[section] = { ...merged[section], ...options }
    }
  }
  return merged
}

/**
 * Renders a file for oslo.config.
 * Throws a RangeError where a section, an option or a value would break out of its line: a newline in a value of the CR must not become
 * an option of its own. A `$` is left for oslo.config to substitute (`$my_ip`), as its documentation has it.
 */
export function renderIni(file: Ini): string {
  const lines: string[] = []
  for (const [section, options] of Object.entries(file)) {
    const present = Object.entries(options).filter(([, value]) => value !== undefined)
    if (present.length === 0) continue
    lines.push(`[${oneLine(section, 'section', /[[\]]/)}]`)
    for (const [option, value] of present) {
      lines.push(`${oneLine(option, 'option', /[=:]/)} = ${renderValue(option, value)}`)
    }
    lines.push('')
  }
  return lines.join('\n')
}

function renderValue(option: string, value: IniValue): string {
  const text = Array.isArray(value) ? value.join(',') : String(value)
  return oneLine(text, `value of ${option}`)
}

function oneLine(text: string, what: string, forbidden?: RegExp): string {
  if (/[\r\n]/.test(text) || forbidden?.test(text)) {
    throw new RangeError(`${what} ${JSON.stringify(text)} cannot be written into an INI file: it holds a newline or a separator`)
  }
  return text
}
