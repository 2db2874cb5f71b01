import { UsageError, wantsJson } from '../arguments.ts'
import { titleOf } from '../cluster.ts'
import { outputOption } from '../command.ts'
import type { Command } from '../command.ts'
import { stepLine } from '../graph/step-line.ts'
import { graphSteps } from '../graph/steps.ts'
import { graphSvg } from '../graph/svg.ts'
import { forest, treeLines } from '../graph/tree.ts'
import { painter } from '../output.ts'

export const graph: Command = {
  name: 'graph',
  synopsis: '[CLOUD] [--svg] [-o json]',
  about: 'every step of the bring-up and what it needs, as a tree or a picture',
  details: `In the tree each step is once: below the one of its needs that it waits for, or that was ready last.

  kubectl teruwa graph --svg > graph.svg`,
  options: { svg: { type: 'boolean', about: 'a picture: a box a step, in the colour of its state' }, ...outputOption },
  words: 1,
  run: async ({ given, output, cloud, now }) => {
    const json = wantsJson(given)
    const svg = given.values['svg'] === true
    if (svg && json) throw new UsageError('--svg and --output json exclude each other')
    const found = await cloud(given.positionals[0])
    const { needsOf } = await import('../graph/needs.ts')
    const steps = graphSteps(found, needsOf(found))
    if (steps.length === 0) throw new Error(`the operator has not looked at ${titleOf(found)} yet`)
    if (svg) output.write(graphSvg(titleOf(found), steps))
    else if (json) output.write(`${JSON.stringify(steps, null, 2)}\n`)
    else output.write(`${treeLines(forest(steps), (branch) => stepLine(branch, painter(output), now())).join('\n')}\n`)
    return 0
  },
}
