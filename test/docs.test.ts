// What the documents say is there, is there.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import manifest from '../package.json' with { type: 'json' }
import { cloudMetrics } from '../operator/cluster/metrics/index.ts'
import { pluginDocument } from '../plugin/documentation.ts'
import { architecture } from './graph.ts'

const root = join(import.meta.dirname, '..')
const documents = await Array.fromAsync(glob(['*.md', 'docs/**/*.md', 'images/*.md'], { cwd: root }))

test('the graph in docs/architecture.md is the one of the steps', async () => {
  const { now, wanted } = await architecture()
  assert.ok(now === wanted, 'docs/architecture.md is stale: node test/graph.ts')
})

test('docs/plugin.md has what the commands of the plugin say of themselves', async () => {
  const { now, wanted } = await pluginDocument()
  assert.ok(now === wanted, 'docs/plugin.md is stale: node plugin/documentation.ts')
})

test('every reason that a condition or an event can have is in docs/operations.md', async () => {
  const text = await readFile(join(root, 'docs', 'operations.md'), 'utf8')
  const reasons = new Set<string>()
  for await (const file of glob('operator/{cluster,compute,services,bootstrap,openstack,chrony,backing,model}/**/*.ts', { cwd: root })) {
    if (/test|fields\.ts$|api\.ts$/.test(file)) continue
    const code = await readFile(join(root, file), 'utf8')
    for (const [, reason = ''] of code.matchAll(/(?:reason: |DeclarationError\(\s*)'([A-Z]\w+)'/g)) reasons.add(reason)
    for (const [, reason = ''] of code.matchAll(/^ {2}(Hypervisor[A-Z]\w+): /gm)) reasons.add(reason)
  }
  // Of conditions that have nothing to tell.
  for (const quiet of ['Ready', 'NoProblem', 'StepFailed']) reasons.delete(quiet)
  assert.ok(reasons.size > 25, `${reasons.size} reasons were found`)
  assert.deepEqual(
    [...reasons].filter((reason) => !text.includes(`\`${reason}\``)),
    [],
  )
})

test('the metrics of clouds in docs/operations.md are those that the operator exports', async () => {
  const text = await readFile(join(root, 'docs', 'operations.md'), 'utf8')
  const rows = cloudMetrics.map(({ name, labels, help }) => `| \`${name}\` | ${labels.map((label) => `\`${label}\``).join(', ')} | ${help} |`)
  assert.deepEqual(text.match(/^\| `teruwa_.*$/gm), rows)
})

for (const document of documents) {
  test(`links and commands of ${document}`, async () => {
    const text = await readFile(join(root, document), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(https?:|#)/.test(target)) continue
      const path = join(root, dirname(document), target.replace(/#.*$/, ''))
      assert.ok(existsSync(path), `${target} does not exist`)
    }
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g)) assert.ok(script in manifest.scripts, `npm run ${script} does not exist`)
    for (const [, path = ''] of text.matchAll(/(?:^|[\s`])((?:manifests|charts|crds|operator|local|images|test|docs)\/[\w./-]*\w)/g)) {
      assert.ok(existsSync(join(root, path)), `${path} does not exist`)
    }
  })
}
