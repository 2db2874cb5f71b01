// From the chart's values to docs/chart.md: a row for each value.

import { valuesSchema } from './chart.ts'

interface Value {
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly default?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly maximum?: number
  readonly properties?: Readonly<Record<string, Value>>
}

/** docs/chart.md. */
export function chartPage(): string {
  const rows = rowsOf(valuesSchema() as Value, '')
  return `# Values of the chart

<!-- Made by \`npm run generate\` from operator/api/chart.ts. Do not edit. -->

A value that is not listed here is refused by \`helm\`, and so is one that cannot be; the message has its name. What the roles of the chart allow is in [rbac.md](rbac.md), how to install and upgrade in [operations.md](operations.md#upgrade-the-operator).

| Value | Type | Default | Meaning |
|---|---|---|---|
${rows.join('\n')}
`
}

function rowsOf({ properties = {} }: Value, path: string): string[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const own = path === '' ? name : `${path}.${name}`
    // A value that is set as a whole is one row; one that is a group of others has theirs.
    if (value.properties !== undefined && isGroup(value)) return rowsOf(value, own)
    return [`| \`${own}\` | ${typeOf(value)} | ${defaultOf(value)} | ${(value.description ?? '').replaceAll('|', '\\|')} |`]
  })
}

function isGroup({ properties = {} }: Value): boolean {
  return Object.values(properties).every(({ description }) => description !== undefined)
}

function typeOf({ type, enum: choice, minimum, maximum }: Value): string {
  if (choice !== undefined) return choice.map((value) => `\`${String(value)}\``).join(', ')
  const names: Readonly<Record<string, string>> = { string: 'text', boolean: 'yes or no', integer: 'number', array: 'list', object: 'map' }
  const name = names[String(type)] ?? String(type)
  return minimum === undefined || maximum === undefined ? name : `${name} from ${minimum} to ${maximum}`
}

function defaultOf({ default: value }: Value): string {
  return value === undefined || value === '' ? '' : `\`${JSON.stringify(value)}\``
}
