// What the documents say is there, is there.

import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import chartValues from '../charts/teruwa/values.schema.json' with { type: 'json' }
import { upOptions } from '../local/up/options.ts'
import manifest from '../package.json' with { type: 'json' }
import { structuralSchema } from '../operator/api/crd.ts'
import type { Schema } from '../operator/api/crd.ts'
import { conditionTypes } from '../operator/api/v1alpha1/conditions.ts'
import { cloudMetrics } from '../operator/cluster/metrics/index.ts'
import { parseArguments } from '../plugin/arguments.ts'
import { commonOptions } from '../plugin/command.ts'
import { commands } from '../plugin/commands/index.ts'
import { pluginDocument } from '../plugin/documentation.ts'
import { strict } from './chart/schemas.ts'
import { clusters, commandLines, patches, sections } from './document-snippets.ts'
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

test('every type of condition is in docs/operations.md', async () => {
  const text = await readFile(join(root, 'docs', 'operations.md'), 'utf8')
  const rows = text.match(/^\| `\w+`.*$/gm) ?? []
  const code = await readFile(join(root, 'operator', 'cluster', 'part-conditions.ts'), 'utf8')
  const types = new Set([...conditionTypes, ...[...code.matchAll(/: '(\w+Ready)'/g)].map(([, type = '']) => type)])
  assert.ok(types.size > conditionTypes.length + 4, `${types.size} types were found`)
  // Those of services are one row: they are made of the services' names.
  assert.deepEqual(
    [...types, 'KeystoneReady'].filter((type) => !rows.some((row) => row.split('|')[1]?.includes(`\`${type}\``))),
    [],
  )
})

/** Lines where a reason is named: as a field, as the first argument of an error, as an argument of an event, in a list of arguments, as a constant. */
const REASON_LINE = /\breason\b|DeclarationError\(|'(Normal|Warning)'|^\s*'[A-Z]\w+',$|^\s*servers > 0|^(export )?const [A-Z_]+ = '[A-Z]\w+'$/

/** What stands on such lines and is no reason of ours: of conditions that have nothing to tell, the types of events, and Kubernetes' own words. */
const NO_REASONS = new Set(
  'Ready NoProblem Normal Warning True False Default PodScheduled CreateContainerConfigError CreateContainerError CrashLoopBackOff Degraded'.split(' '),
)

test('every reason that a condition or an event can have is in docs/operations.md', async () => {
  const text = await readFile(join(root, 'docs', 'operations.md'), 'utf8')
  const reasons = new Set<string>()
  for await (const file of glob('operator/{cluster,compute,services,bootstrap,openstack,chrony,backing,model}/**/*.ts', { cwd: root })) {
    if (/test|fields\.ts$|api\.ts$/.test(file)) continue
    for (const line of (await readFile(join(root, file), 'utf8')).split('\n')) {
      if (REASON_LINE.test(line)) for (const [, word = ''] of line.matchAll(/'([A-Z][a-z]\w*)'/g)) reasons.add(word)
    }
  }
  // One of each way to name it.
  for (const known of ['JobFailed', 'NoNetworkNode', 'NetworksDependOnMode', 'ClockOffset', 'SecretNotFound', 'HypervisorLeft', 'DeletionGaveUp']) {
    assert.ok(reasons.has(known), `${known} was not found in the code`)
  }
  assert.deepEqual(
    [...reasons].filter((reason) => !NO_REASONS.has(reason) && !text.includes(`\`${reason}\``)),
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
      if (/^https?:/.test(target)) continue
      const [file = '', section] = target.split('#')
      const path = file === '' ? join(root, document) : join(root, dirname(document), file)
      assert.ok(existsSync(path), `${target} does not exist`)
      if (section !== undefined) assert.ok(sections(await readFile(path, 'utf8')).includes(section), `${target}: there is no such section`)
    }
    for (const [, script = ''] of text.matchAll(/npm run ([a-z:]+)/g)) assert.ok(script in manifest.scripts, `npm run ${script} does not exist`)
    for (const [, path = ''] of text.matchAll(/(?:^|[\s`])((?:manifests|charts|crds|operator|local|images|test|docs)\/[\w./-]*\w)/g)) {
      assert.ok(existsSync(join(root, path)), `${path} does not exist`)
    }
  })
}

const allDocuments = (await Promise.all(documents.map((document) => readFile(join(root, document), 'utf8')))).join('\n')

test('resources in documents are as the CRD has them', async () => {
  // Ajv does not know OpenAPI's way to say that a limit itself is excluded.
  const schema = JSON.parse(JSON.stringify(structuralSchema()), (key, value: unknown) => (key === 'exclusiveMinimum' ? undefined : value)) as Schema
  // A CRD says of metadata only what it asks besides the usual.
  const closed = { ...schema, properties: { ...(strict(schema) as Schema).properties, metadata: { type: 'object' } }, additionalProperties: false }
  const valid = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(closed)
  const complaints = (resource: object) =>
    valid({ metadata: {}, ...resource }) ? [] : (valid.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
  assert.notDeepEqual(complaints({ spec: { services: { nova: { replica: 2 } } } }), [], 'a misspelt field is seen')
  const declared = clusters(allDocuments)
  const changes = patches(allDocuments)
  assert.ok(declared.length > 10 && changes.length > 3, `${declared.length} resources and ${changes.length} patches were found`)
  for (const resource of [...declared, ...changes]) assert.deepEqual(complaints(resource), [], JSON.stringify(resource))
})

test('command lines of the plugin, of `up` and of helm in documents are understood', () => {
  const plugin = commandLines(allDocuments, 'kubectl teruwa').filter(([word = 'COMMAND']) => /^[a-z]/.test(word))
  const up = commandLines(allDocuments, 'npm run up --')
  assert.ok(plugin.length > 12 && up.length > 5, `${plugin.length} and ${up.length} command lines were found`)
  for (const [word, ...rest] of plugin) {
    const command = commands.find(({ name }) => name === word)
    assert.ok(command, `kubectl teruwa ${word} does not exist`)
    parseArguments(rest, { ...command.options, ...commonOptions }, command.words)
  }
  for (const line of up) upOptions(line)
  const values = [...allDocuments.matchAll(/--set ([a-zA-Z.]+)=/g)].map(([, path = '']) => path)
  assert.ok(values.length > 8, `${values.length} values were found`)
  assert.deepEqual(
    values.filter((path) => !isValue(path.split('.'), chartValues)),
    [],
  )
})

interface Values {
  readonly type?: unknown
  readonly anyOf?: unknown
  readonly patternProperties?: Readonly<Record<string, unknown>>
  readonly properties?: Readonly<Record<string, Values>>
  readonly additionalProperties?: unknown
}

function isValue([first, ...rest]: readonly string[], schema: Values): boolean {
  if (first === undefined) return true
  const next = schema.properties?.[first]
  if (next !== undefined) return isValue(rest, next)
  const isFree = schema.additionalProperties !== undefined && schema.additionalProperties !== false
  return isFree || Object.keys(schema.patternProperties ?? {}).some((pattern) => new RegExp(pattern).test(first))
}
