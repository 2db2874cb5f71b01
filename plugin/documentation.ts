// node plugin/documentation.ts: writes what each command says of itself into docs/plugin.md.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { commands } from './commands/index.ts'
import { documented, overview } from './help.ts'

const file = join(import.meta.dirname, '..', 'docs', 'plugin.md')
const BEGIN = '<!-- help: made by `node plugin/documentation.ts`, do not edit -->'
const END = '<!-- /help -->'

/** The document as it is, and as it would be with the commands of today. */
export async function pluginDocument(): Promise<{ now: string; wanted: string }> {
  const now = await readFile(file, 'utf8')
  const [head, rest = ''] = now.split(BEGIN)
  const [, tail] = rest.split(END)
  if (tail === undefined) throw new Error(`${file} has no part between ${BEGIN} and ${END}`)
  const block = (text: string) => `\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`
  const sections = commands.map((command) => `### ${command.name}\n${block(documented(command))}`)
  return { now, wanted: [head, BEGIN, '\n', [block(overview(commands)), ...sections].join('\n'), END, tail].join('') }
}

if (import.meta.main) await writeFile(file, (await pluginDocument()).wanted)
