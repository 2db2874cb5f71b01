// node test/graph.ts: draws the bring-up into docs/architecture.md, from the operator's own steps.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stepsOf } from '../operator/cluster/graph.ts'
import { clusterOf, EVERYTHING, TestWorld } from '../operator/cluster/test-world.ts'
import { reduced } from '../plugin/graph/steps.ts'
import type { Needing } from '../plugin/graph/steps.ts'

const file = join(import.meta.dirname, '..', 'docs', 'architecture.md')
const BEGIN = '<!-- graph: made by `node test/graph.ts`, do not edit -->'
const END = '<!-- /graph -->'

/** The document as it is, and as it would be with the graph of today. */
export async function architecture(): Promise<{ now: string; wanted: string }> {
  const now = await readFile(file, 'utf8')
  const [head, rest = ''] = now.split(BEGIN)
  const [, tail] = rest.split(END)
  if (tail === undefined) throw new Error(`${file} has no part between ${BEGIN} and ${END}`)
  const drawing = mermaid(stepsOf(new TestWorld(clusterOf(EVERYTHING)).scope()))
  return { now, wanted: `${head}${BEGIN}\n\`\`\`mermaid\n${drawing}\n\`\`\`\n${END}${tail}` }
}

/** The graph in Mermaid's words: one box a service, and of the edges only those that no others imply. */
function mermaid(steps: readonly Needing[]): string {
  const boxes = Map.groupBy(steps, ({ id }) => id.split('/')[0] ?? id)
  const lines = ['flowchart LR']
  for (const [box, members] of boxes) {
    const names = members.map(({ id }) => `${nameOf(id)}["${members.length === 1 ? id : id.slice(box.length + 1)}"]`)
    if (members.length === 1) lines.push(...names.map((name) => `  ${name}`))
    else lines.push(`  subgraph ${box}`, ...names.map((name) => `    ${name}`), '  end')
  }
  for (const [id, needs] of reduced(steps)) for (const need of needs) lines.push(`  ${nameOf(need)} --> ${nameOf(id)}`)
  return lines.join('\n')
}

const nameOf = (id: string) => id.replaceAll(/[^a-z0-9]+/g, '_')

if (import.meta.main) await writeFile(file, (await architecture()).wanted)
