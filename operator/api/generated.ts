// All files that are made from the schema: what should be in them.

import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, cp, writeFile, mkdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { dump, load, loadAll } from 'js-yaml'
import { helm } from '../../local/helm.ts'
import { argocdConfig } from './argocd.ts'
import { valuesSchema } from './chart.ts'
import { chartPage } from './chart-page.ts'
import { crd, hypervisorCrd, hypervisorSchema, structuralSchema } from './crd.ts'
import { definitionYaml } from './definition-yaml.ts'
import { bundle } from './olm.ts'
import type { ChartFacts, Rendered } from './olm.ts'
import { reference } from './reference.ts'
import { rightsPage, rightsTemplate } from './rights.ts'

const run = promisify(execFile)

/** The folder of the checkout. */
export const root = join(import.meta.dirname, '..', '..')

const note = '# Made by `npm run generate` from operator/api. Do not edit.\n'

const namespace = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'teruwa-system', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
}

/**
 * Content of each generated file, by its path in the checkout.
 * @throws when helm cannot render the chart
 */
export async function generated(): Promise<Record<string, string>> {
  const definitions = [crd(), hypervisorCrd()].map((each) => ({
    file: `${each.spec.group}_${each.spec.names.plural}.yaml`,
    text: `${note}${definitionYaml(each)}`,
  }))
  const files = {
    ...Object.fromEntries(definitions.flatMap(({ file, text }) => [`crds/${file}`, `charts/teruwa/crds/${file}`].map((path) => [path, text]))),
    'charts/teruwa/values.schema.json': `${JSON.stringify(valuesSchema(), undefined, 2)}\n`,
    'manifests/argocd/argocd-cm.yaml': `# Made by \`npm run generate\` from resource_customizations. Do not edit.\n${await argocdConfig(join(root, 'manifests/argocd/resource_customizations'))}`,
    'charts/teruwa/templates/_rights.tpl': rightsTemplate(),
    'docs/chart.md': chartPage(),
    'docs/rbac.md': rightsPage(),
    'docs/reference.md': reference(structuralSchema(), hypervisorSchema()),
  }
  const rendered = await install(files)
  return { ...files, 'manifests/install.yaml': rendered, ...(await olm(rendered, definitions)) }
}

/** A bundle for OLM, of what is in install.yaml. */
async function olm(rendered: string, definitions: readonly { file: string; text: string }[]): Promise<Record<string, string>> {
  const chart = load(await readFile(join(root, 'charts', 'teruwa', 'Chart.yaml'), 'utf8')) as ChartFacts
  const texts = Object.fromEntries(definitions.map(({ file, text }) => [file, text]))
  const files = bundle(chart, loadAll(rendered).filter(Boolean) as Rendered[], [crd(), hypervisorCrd()], texts)
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`manifests/olm/${path}`, text]))
}

/** The chart with the generated files of now, rendered with its default values. */
async function install(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-chart-'))
  try {
    await cp(join(root, 'charts'), join(folder, 'charts'), { recursive: true })
    await mkdir(join(folder, 'charts', 'teruwa', 'crds'), { recursive: true })
    for (const [path, content] of Object.entries(files)) {
      if (path.startsWith('charts/')) await writeFile(join(folder, path), content)
    }
    const { stdout } = await run(
      await helm(),
      ['template', 'teruwa', join(folder, 'charts', 'teruwa'), '--namespace', namespace.metadata.name, '--include-crds', '--skip-tests'],
      { maxBuffer: 16 * 1024 * 1024 },
    )
    return `# The operator, as the chart's default values make it. Made by \`npm run generate\` from charts/teruwa. Do not edit.\n---\n${dump(namespace, { lineWidth: -1 })}${stdout}`
  } finally {
    await rm(folder, { recursive: true })
  }
}
