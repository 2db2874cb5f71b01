// The chart, rendered by the real helm.

import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { loadAll } from 'js-yaml'
import { helm } from '../../local/helm.ts'

const run = promisify(execFile)

/** The folder of the chart. */
export const chart = join(import.meta.dirname, '..', '..', 'charts', 'teruwa')

export interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

export interface Container {
  image: string
  args: string[]
  env?: { name: string; value?: string }[]
  ports?: { name: string; containerPort: number }[]
  securityContext: unknown
  livenessProbe: { httpGet: { port: string; path: string } }
  readinessProbe: { httpGet: { port: string; path: string } }
}

export interface PodSpec {
  containers: Container[]
  securityContext: unknown
  serviceAccountName: string
  affinity?: unknown
  topologySpreadConstraints?: unknown[]
}

/** As much of the objects as the tests read. */
export interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: { replicas: number; selector: Record<string, string>; template: { metadata: { labels: Record<string, string> }; spec: PodSpec } }
  rules: Rule[]
  subjects: { kind: string; name: string; namespace: string }[]
}

/** The objects that the chart makes with these `--set` arguments, as the release `teruwa` in the namespace `teruwa-system`. Throws what helm says. */
export async function template(...set: string[]): Promise<Manifest[]> {
  return render(set.flatMap((value) => ['--set', value]))
}

/** The same with a file of values, which is JSON. */
export async function templateWith(values: object): Promise<Manifest[]> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-values-'))
  try {
    const file = join(folder, 'values.json')
    await writeFile(file, JSON.stringify(values))
    return await render(['--values', file])
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function render(args: readonly string[]): Promise<Manifest[]> {
  const { stdout } = await run(await helm(), ['template', 'teruwa', chart, '--namespace', 'teruwa-system', ...args])
  return loadAll(stdout).filter(Boolean) as Manifest[]
}

/** Objects that are not there for `helm test` only. */
export function installed(manifests: readonly Manifest[], kind: string): Manifest[] {
  return manifests.filter((manifest) => manifest.kind === kind && !manifest.metadata.annotations?.['helm.sh/hook'])
}

/** The only object of a kind. Throws where there is none or more than one. */
export function only(manifests: readonly Manifest[], kind: string): Manifest {
  const [manifest, ...others] = installed(manifests, kind)
  if (manifest === undefined || others.length > 0) throw new Error(`expected one ${kind}, found ${others.length + (manifest === undefined ? 0 : 1)}`)
  return manifest
}

/** The first container of a Deployment. */
export function container(manifest: Manifest): Container {
  const [first] = manifest.spec.template.spec.containers
  if (first === undefined) throw new Error(`expected a container in ${manifest.metadata.name}`)
  return first
}
