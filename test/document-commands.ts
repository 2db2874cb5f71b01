// The commands that README.md and docs/*.md tell people to type, with where they stand.

import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

/** A command in a document. */
export interface DocumentCommand {
  /** From the root of the repository. */
  readonly file: string
  /** The heading that it stands under. What stands under one heading is one story. */
  readonly section: string
  readonly line: number
  /** As it stands there, with placeholders; several lines where it goes over them. */
  readonly text: string
  /** What the document shows as its answer: the block of text that follows. */
  readonly answer?: string
}

/** What a command between backquotes, or an example in what a program says of itself, begins with. */
const PROGRAM = /^(?:argocd|ceph|eval|helm|install|kubectl|mariadb-dump|node|npm|openstack|oslopolicy-[a-z-]+|ping|qemu-img) /

/** All commands of README.md and docs/*.md, document by document, in the order in which they are read. */
export async function allDocumentCommands(): Promise<DocumentCommand[]> {
  const files = await Array.fromAsync(glob(['README.md', 'docs/*.md'], { cwd: root }))
  const commands = await Promise.all(files.toSorted().map(async (file) => documentCommands(file, await readFile(join(root, file), 'utf8'))))
  return commands.flat()
}

/** The commands of a document: lines of a block without a language are typed into a shell, a block of `text` is what a program says. */
export function documentCommands(file: string, text: string): DocumentCommand[] {
  const { blocks, prose, headings } = parts(text)
  const found = blocks.flatMap((block, index) => {
    const next = blocks[index + 1]
    if (block.language === 'text') return examples(block)
    const commands = block.language === '' ? typed(block) : []
    const last = commands.at(-1)
    const isAnswered = next?.language === 'text' && prose.slice(block.line, next.line).every((line) => line.trim() === '')
    return last && isAnswered ? [...commands.slice(0, -1), { ...last, answer: next.lines.join('\n') }] : commands
  })
  const whole = prose.join('\n')
  for (const { index, 1: code = '' } of whole.matchAll(/`([^`]+)`/g)) {
    const command = code.replaceAll(/\s+/g, ' ').trim()
    if (PROGRAM.test(command)) found.push({ line: whole.slice(0, index).split('\n').length, text: command })
  }
  const sectionOf = (line: number) => headings.findLast((heading) => heading.line < line)?.text ?? ''
  return found.toSorted((a, b) => a.line - b.line).map((command) => ({ file, section: sectionOf(command.line), ...command }))
}

type Placed = Pick<DocumentCommand, 'line' | 'text' | 'answer'>

interface Block {
  /** Of its first line after the fence. */
  readonly line: number
  readonly language: string
  readonly lines: readonly string[]
}

/** The fenced blocks, without the indentation of a list that they stand in; the lines outside of them, with empty ones in their place; the headings. */
function parts(text: string): { readonly blocks: readonly Block[]; readonly prose: readonly string[]; readonly headings: readonly Placed[] } {
  const blocks: Block[] = []
  const prose: string[] = []
  const headings: Placed[] = []
  let open: { line: number; language: string; indent: string; lines: string[] } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^( *)```(\w*)$/.exec(line)
    if (fence && open) blocks.push(open)
    if (fence) open = open ? undefined : { line: index + 2, language: fence[2] ?? '', indent: fence[1] ?? '', lines: [] }
    else open?.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line)
    const isProse = !fence && !open
    if (isProse && line.startsWith('#')) headings.push({ line: index + 1, text: line.replace(/^#+ /, '') })
    prose.push(isProse ? line : '')
  }
  return { blocks, prose, headings }
}

/** A command goes on where its line ends with a backslash, and a loop until its end. */
function typed(block: Block): Placed[] {
  const commands: Placed[] = []
  let goesOn = false
  for (const [index, line] of block.lines.entries()) {
    const last = commands.at(-1)
    if (goesOn && last) commands.splice(-1, 1, { ...last, text: `${last.text}\n${line}` })
    else if (line.trim() !== '') commands.push({ line: block.line + index, text: line })
    const text = commands.at(-1)?.text ?? ''
    goesOn = line.endsWith('\\') || (text.startsWith('for ') && !/^done\b/m.test(text))
  }
  return commands
}

/** What a program gives as examples when it tells of itself: indented lines that are commands. */
function examples(block: Block): Placed[] {
  return block.lines.flatMap((line, index) => (line.startsWith('  ') && PROGRAM.test(line.trim()) ? [{ line: block.line + index, text: line.trim() }] : []))
}
