// Charts of before, to upgrade from.

import { mkdtemp, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../local/command.ts'

const root = join(import.meta.dirname, '..', '..')
const recorded = join(import.meta.dirname, 'earlier')

/** What a chart is called in a test, and its path. */
export type EarlierChart = readonly [name: string, path: string]

/**
 * The charts that are recorded beside this file, so that there is one whatever history a checkout has, and the one before the last change of the chart
 * where the history goes back that far.
 */
export async function earlierCharts(): Promise<EarlierChart[]> {
  const archives = (await readdir(recorded)).filter((name) => name.endsWith('.tgz')).toSorted()
  const kept = archives.map((name): EarlierChart => [name, join(recorded, name)])
  const commit = await commitBefore()
  return commit === undefined ? kept : [...kept, [`commit ${commit.slice(0, 10)}`, await chartOf(commit)]]
}

async function commitBefore(): Promise<string | undefined> {
  try {
    const [, before] = (await run('git', ['log', '-2', '--format=%H', '--', 'charts/teruwa'], { cwd: root })).split('\n')
    return before === '' ? undefined : before
  } catch {
    // A checkout without git, or no checkout.
    return undefined
  }
}

/** The chart as a commit has it, in a folder of its own. */
async function chartOf(commit: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-earlier-'))
  const archive = join(folder, 'chart.tar')
  await run('git', ['archive', '--format=tar', `--output=${archive}`, commit, 'charts/teruwa'], { cwd: root })
  await run('tar', ['--extract', '--file', archive, '--directory', folder])
  return join(folder, 'charts', 'teruwa')
}
