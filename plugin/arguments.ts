import { parseArgs } from 'node:util'

/** A command line that cannot be understood: said in one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** An option of a command. */
export interface Option {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  /** What stands for its value in the help. */
  readonly value?: string
  readonly about: string
}

export type Options = Readonly<Record<string, Option>>

/** What was given. */
export interface Arguments {
  readonly values: Readonly<Record<string, string | boolean | undefined>>
  readonly positionals: readonly string[]
}

/** The first word that is neither an option nor the value of one: the command. */
export function firstWord(argv: readonly string[], known: Options): { readonly word?: string; readonly rest: readonly string[] } {
  const { tokens } = parseArgs({ args: [...argv], options: plain(known), strict: false, allowPositionals: true, tokens: true })
  const token = tokens.find(({ kind }) => kind === 'positional')
  if (token?.kind !== 'positional') return { rest: argv }
  return { word: token.value, rest: argv.filter((_word, index) => index !== token.index) }
}

/** The arguments of a command. Throws a UsageError for an option that it does not have, a missing value, and more than `most` further words. */
export function parseArguments(argv: readonly string[], options: Options, most: number): Arguments {
  const parsed = parsedStrictly(argv, options)
  const extra = parsed.positionals[most]
  if (extra !== undefined) throw new UsageError(`unexpected argument ${JSON.stringify(extra)}`)
  return parsed
}

function parsedStrictly(argv: readonly string[], options: Options): Arguments {
  try {
    return parseArgs({ args: [...argv], options: plain(options), allowPositionals: true }) as Arguments
  } catch (error) {
    if (!(error instanceof Error)) throw error
    throw new UsageError(sentenceOf(error), { cause: error })
  }
}

function plain(options: Options) {
  return Object.fromEntries(Object.entries(options).map(([name, { type, short }]) => [name, short === undefined ? { type } : { type, short }]))
}

/** Node's own sentences, without the advice on words that begin with a dash. */
function sentenceOf({ message }: Error): string {
  const [first = message] = message.split(/\.\s|\n/)
  return first.charAt(0).toLowerCase() + first.slice(1).replace(/\.$/, '')
}

/** The lines that tell of options, in two columns. */
export function optionLines(options: Options): string[] {
  const rows = Object.entries(options).map(([name, { short, value, about }]) => [
    `  ${short === undefined ? '    ' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`,
    about,
  ])
  const width = Math.max(...rows.map(([option = '']) => option.length))
  return rows.map(([option = '', about]) => `${option.padEnd(width)}  ${about}`)
}

/** The text of an option; `undefined` where it was not given. */
export function textOption({ values }: Arguments, name: string): string | undefined {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** Whether `-o json` was asked for. Throws a UsageError for another format. */
export function wantsJson(given: Arguments): boolean {
  const format = textOption(given, 'output')
  if (format !== undefined && format !== 'json') throw new UsageError(`--output ${format}: the only format is json`)
  return format === 'json'
}

/** A whole number of at least `least`. Throws a UsageError for anything else. */
export function numberOption(given: Arguments, name: string, least: number): number | undefined {
  const text = textOption(given, name)
  if (text === undefined) return undefined
  const number = Number(text)
  if (!/^-?\d+$/.test(text) || number < least) throw new UsageError(`--${name} ${text}: expected a whole number of at least ${least}`)
  return number
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 }

/** A span like `90s`, `5m`, `2h` or `1h30m`, in seconds. Throws a UsageError for anything else. */
export function spanOption(given: Arguments, name: string): number | undefined {
  const text = textOption(given, name)
  if (text === undefined) return undefined
  if (!/^(\d+[smh])+$/.test(text)) throw new UsageError(`--${name} ${text}: expected a span like 90s, 5m or 1h30m`)
  return [...text.matchAll(/(\d+)([smh])/g)].reduce((sum, [, count = '', unit = '']) => sum + Number(count) * (UNITS[unit] ?? 0), 0)
}
