import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { imageReference, imageTags } from '../images/tags.ts'
import { labels, manager } from '../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../operator/api/v1alpha1/index.ts'
import { decode } from '../operator/cluster/credentials.ts'
import { namedSecrets, wantedCredentials } from '../operator/cluster/foundation.ts'
import { previewOf } from '../operator/cluster/preview.ts'
import type { ObjectChange } from '../operator/cluster/preview.ts'
import { scopeOf } from '../operator/cluster/scope.ts'
import type { Observed } from '../operator/cluster/scope.ts'
import { missingCredentials } from '../operator/config/credentials.ts'
import { applied } from '../operator/kube/apply.ts'
import type { KubeObject } from '../operator/kube/types.ts'
import { credentialsSecretName } from '../operator/model/scope.ts'
import type { Scope } from '../operator/model/scope.ts'
import { changedFields, describe } from './diff/text.ts'
import { kubectlProgram } from './helm.ts'
import { kubectlOf } from './kubectl.ts'
import type { Kubectl } from './kubectl.ts'
import { LOCAL_FOLDER } from './up/access.ts'
import { readManifest } from './up/manifest.ts'
import type { ManifestObject } from './up/manifest.ts'

const USAGE = `Usage: npm run diff -- FILE

Says what "kubectl apply" of an OpenStackCluster would do to the cloud that runs: which fields change, which objects would be made, changed and
removed, and which pods would be replaced. The API server checks the file as it would at the apply. Nothing is written. The cluster is that of
KUBECONFIG, else that of "npm run up".
`

const TYPE = 'openstackclusters.openstack.teruwa.io'
/** Kinds that a cloud consists of. */
const KINDS = 'secrets,services,persistentvolumeclaims,pods,deployments,statefulsets,daemonsets,jobs,poddisruptionbudgets'
const workloads = new Set(['Deployment', 'StatefulSet', 'DaemonSet'])

interface List<T> {
  readonly items: readonly T[]
}

/** What an apply of a manifest's OpenStackCluster would do, as lines of text. Throws what the API server says where it refuses the manifest. */
export async function diff(manifest: readonly ManifestObject[], kubectl: Kubectl): Promise<string> {
  const declared = manifest.find(({ kind }) => kind === 'OpenStackCluster')
  if (declared === undefined) throw new Error('the file holds no OpenStackCluster')
  const { name, namespace = 'default' } = declared.metadata
  const inside = ['--namespace', namespace]
  const get = async <T>(...args: readonly string[]) => JSON.parse(await kubectl.run(['get', ...args, '-o', 'json'])) as T
  const found = await get<List<KubeObject>>(TYPE, ...inside, '--field-selector', `metadata.name=${name}`, '--show-managed-fields')
  const [live] = found.items
  const wanted = await dryRun(declared, live, kubectl)
  if (live === undefined) return `OpenStackCluster ${namespace}/${name} is not there yet: all of it would be made\n`
  const running = live as unknown as OpenStackCluster
  const { items: all } = await get<List<KubeObject>>(KINDS, ...inside, '-l', `${labels.managedBy}=${manager},${labels.partOf}=${name}`)
  const { items: nodes } = await get<List<KubeObject>>('nodes')
  const named = new Set([running, wanted].flatMap(({ spec }) => namedSecrets(spec).map(({ secret }) => secret.name)))
  const { items: secrets } = named.size === 0 ? { items: [] } : await get<List<KubeObject>>('secrets', ...inside)
  const observe = (cluster: OpenStackCluster): Observed => ({
    cluster,
    credentials: credentialsOf(cluster, all),
    namedSecrets: new Map(secrets.filter(({ metadata }) => named.has(metadata.name)).map(({ metadata, data }) => [metadata.name, decode(data)])),
    nodes,
    live: (kind, object) => all.find((each) => each.kind === kind && each.metadata.name === object),
    pods: all.filter(({ kind }) => kind === 'Pod'),
    said: () => undefined,
    outside: () => undefined,
    imageTags: imageTags(),
    operatorImage: running.status?.operator ?? imageReference('operator', imageTags(['operator'])['operator'] ?? ''),
  })
  const before = scopeFrom(observe(running))
  const preview = previewOf(
    before,
    scopeFrom(observe(wanted)),
    all.filter(({ metadata }) => isOwned(metadata, running)),
  )
  const templates = await Promise.all(preview.changes.map(async (change) => ({ change, rolls: await replacesPods(change, kubectl) })))
  const rolled = templates.filter(({ rolls }) => rolls).map(({ change: { desired } }) => ({ workload: desired, pods: before.pods(desired.metadata.name) }))
  return describe({ name: `${namespace}/${name}`, fields: changedFields(running.spec, wanted.spec), preview, rolled })
}

function isOwned({ ownerReferences = [] }: KubeObject['metadata'], { metadata }: OpenStackCluster): boolean {
  return ownerReferences.some(({ uid }) => uid === metadata.uid)
}

function scopeFrom(observed: Observed): Scope {
  const result = scopeOf(observed)
  if ('waitsFor' in result) throw new Error(`the cloud waits for ${result.waitsFor}: try again later`)
  return result.scope
}

/** What there is, and in the place of what would be made something that is always the same. */
function credentialsOf({ metadata, spec }: OpenStackCluster, all: readonly KubeObject[]): Record<string, string> {
  const have = decode(all.find(({ kind, metadata: { name } }) => kind === 'Secret' && name === credentialsSecretName(metadata.name))?.data)
  return { ...have, ...missingCredentials(wantedCredentials(spec), have, (size) => Buffer.alloc(size, 1), 0) }
}

/** The OpenStackCluster as it would be after an apply: with defaults, and with what other managers have set. */
async function dryRun(declared: ManifestObject, live: KubeObject | undefined, kubectl: Kubectl): Promise<OpenStackCluster> {
  const args = ['apply', '--dry-run=server', '--validate=strict', '-o', 'json', '-f', '-', ...wayOfApply(live)]
  return JSON.parse(await kubectl.run(args, { input: JSON.stringify(declared) })) as OpenStackCluster
}

/** As the one that is there was applied: only the same way finds what was left out. */
function wayOfApply(live: KubeObject | undefined): string[] {
  if (live?.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'] !== undefined) return []
  const { managedFields = [] } = (live?.metadata ?? {}) as { managedFields?: readonly { manager: string; operation: string; subresource?: string }[] }
  const found = managedFields.find(({ manager: who, operation, subresource }) => operation === 'Apply' && subresource === undefined && who !== manager)
  return ['--server-side', '--force-conflicts', `--field-manager=${found?.manager ?? 'kubectl'}`]
}

/** Whether a change of a workload is one of its pods: the API server says what the object would be. */
async function replacesPods({ desired, live }: ObjectChange, kubectl: Kubectl): Promise<boolean> {
  if (live === undefined || !workloads.has(desired.kind)) return false
  const args = ['apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '--dry-run=server', '-o', 'json', '-f', '-']
  const after = JSON.parse(await kubectl.run(args, { input: JSON.stringify(applied(desired)) })) as KubeObject
  const template = ({ spec }: KubeObject) => JSON.stringify((spec as { template?: unknown }).template)
  return template(after) !== template(live)
}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], allowPositionals: true, options: { help: { type: 'boolean', short: 'h' } } })
  const [file, ...others] = positionals
  if (values.help || file === undefined || others.length > 0) {
    console.log(USAGE)
    return values.help ? 0 : 2
  }
  const ours = join(LOCAL_FOLDER, 'kubeconfig')
  const kubeconfig = process.env['KUBECONFIG'] ? undefined : existsSync(ours) ? ours : undefined
  process.stdout.write(await diff(await readManifest(file), kubectlOf(await kubectlProgram(), kubeconfig)))
  return 0
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
