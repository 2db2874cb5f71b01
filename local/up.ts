import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { DEFAULT_REGISTRY, imageReference, imageTags } from '../images/build.ts'
import { report } from '../plugin/verify/check.ts'
import type { CheckResult } from '../plugin/verify/check.ts'
import { parseCidr } from './cidr.ts'
import type { Cluster } from './cluster.ts'
import { kubectlProgram } from './helm.ts'
import type { Kubectl } from './kubectl.ts'
import { kubectlOf } from './kubectl.ts'
import { createProgress } from './progress.ts'
import type { Step } from './progress.ts'
import { LOCAL_FOLDER, localFiles, writeAccess, writeLocal } from './up/access.ts'
import type { ObservedCloud } from './up/follow.ts'
import { StepLog, followCloud } from './up/follow.ts'
import { CEPH_IMAGE, installCeph, withCeph } from './up/ceph.ts'
import { installDefinitions, installOperator } from './up/install.ts'
import type { DeclaredCloud, ManifestObject } from './up/manifest.ts'
import { COURSE_PROVIDER, declaredCloud, moveRange, readManifest } from './up/manifest.ts'
import { USAGE, upOptions } from './up/options.ts'
import type { UpOptions } from './up/options.ts'
import { preflight } from './up/preflight.ts'
import { RecordedSteps } from './up/steps.ts'
import { summary } from './up/summary.ts'
import { embeddedCluster, hasOwnCluster, upCluster } from './up/target.ts'
import { timelineSvg } from './up/timeline-svg.ts'
import { timelineOf } from './up/timeline.ts'
import { verify } from './verify/verify.ts'

const MANIFEST = join(import.meta.dirname, '../manifests/cluster.yaml')

/** Where the operator and the cloud go, and what is known of it. */
interface Target {
  readonly kubectl: Kubectl
  /** Undefined: the environment's. */
  readonly kubeconfig?: string
  readonly operatorImage: string
  readonly cephImage: string
  readonly embedded?: Cluster
}

async function up(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const options = upOptions(argv)
  if (!options) {
    console.log(USAGE)
    return 0
  }
  const { file = MANIFEST, registry = DEFAULT_REGISTRY } = options
  // Before anything is begun: a file that can't be read is told at once.
  const declared = await readManifest(file)
  const objects = options.withCeph ? withCeph(declared) : declared
  const cloud = declaredCloud(objects, relative(process.cwd(), file))
  const began = performance.now()
  const progress = createProgress(process.stdout)
  const steps = new RecordedSteps(progress)
  const log = new StepLog()
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-up-'))
  try {
    const target = hasOwnCluster() ? await ownCluster(registry) : await embedded(steps, options, folder, signal)
    if (!target.embedded) await steps.run('nodes', [], () => preflight(target.kubectl, objects, signal))
    for (const note of target.embedded?.notes ?? []) progress.note(note)
    const observed = await bringUp(target, { ...options, objects: placed(objects, target), cloud, steps, log }, signal)
    await writeAccess(cloud, target.kubectl, signal)
    const results = await steps.run('verify', [cloud.name], (step) => verifyAll(target, step, signal))
    await writeTimeline(cloud, steps, log)
    progress.close()
    console.log(summary(cloud, observed, { facts: facts(target), files: await localFiles(), seconds: (performance.now() - began) / 1000 }))
    console.log(report(results))
    return results.every(({ ok }) => ok) ? 0 : 1
  } finally {
    progress.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The course's checks. One that fails does not end the run: the table says where everything is, and the exit code tells. */
async function verifyAll({ kubectl }: Target, step: Step, signal: AbortSignal): Promise<CheckResult[]> {
  const results = await verify({ kubectl, cloudsFile: join(LOCAL_FOLDER, 'clouds.yaml'), progress: step, signal })
  step.update(`${results.filter(({ ok }) => ok).length} of ${results.length} checks passed`)
  return results
}

async function embedded(steps: RecordedSteps, options: UpOptions, folder: string, signal: AbortSignal): Promise<Target> {
  const { cluster, references } = await embeddedCluster(steps, upCluster(options), signal)
  await writeLocal({ kubeconfig: cluster.kubeconfig })
  // A file of its own: what a user does to .local/kubeconfig, such as another namespace, is not ours to heed.
  const kubeconfig = join(folder, 'kubeconfig')
  await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
  return {
    kubectl: kubectlOf(await kubectlProgram(), kubeconfig),
    kubeconfig,
    operatorImage: references['operator'] ?? '',
    cephImage: references[CEPH_IMAGE] ?? '',
    embedded: cluster,
  }
}

async function ownCluster(registry: string): Promise<Target> {
  const tags = imageTags(['operator', CEPH_IMAGE])
  const reference = (name: string) => imageReference(name, tags[name] ?? '', registry)
  return { kubectl: kubectlOf(await kubectlProgram()), operatorImage: reference('operator'), cephImage: reference(CEPH_IMAGE) }
}

/** The manifest's objects, with the provider network where the embedded one is. */
function placed(objects: readonly ManifestObject[], { embedded }: Target): readonly ManifestObject[] {
  return embedded ? moveRange(objects, COURSE_PROVIDER, parseCidr(embedded.provider.cidr)) : objects
}

interface Wanted {
  readonly objects: readonly ManifestObject[]
  readonly cloud: DeclaredCloud
  readonly steps: RecordedSteps
  readonly log: StepLog
  readonly timeoutMs: number
  readonly withCeph: boolean
}

async function bringUp({ kubectl, kubeconfig, operatorImage, cephImage }: Target, wanted: Wanted, signal: AbortSignal): Promise<ObservedCloud> {
  const { objects, cloud, steps, log, timeoutMs } = wanted
  // The key's Secret is in the cloud's own.
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace')
  await steps.run('definitions', ['load images'], () => installDefinitions(kubectl, signal))
  if (wanted.withCeph) {
    await steps.run('ceph', ['load images'], async () => {
      await kubectl.apply(namespaces, signal)
      await installCeph(kubectl, cephImage, cloud.namespace, signal)
    })
  }
  await steps.run('manifest', ['definitions'], () => kubectl.apply(objects, signal))
  const at = operatorImage.lastIndexOf(':')
  const image = { repository: operatorImage.slice(0, at), tag: operatorImage.slice(at + 1) }
  // First: an earlier operator's word that all is ready does not count for this one.
  await steps.run('operator', ['definitions'], () => installOperator(image, kubeconfig, signal))
  return steps.run(cloud.name, ['manifest', 'operator'], (step) =>
    followCloud(cloud, kubectl, { steps: step, update: step.update, log }, { operator: operatorImage, timeoutMs, signal }),
  )
}

async function writeTimeline(cloud: DeclaredCloud, steps: RecordedSteps, log: StepLog): Promise<void> {
  // What was ready before this run is told by the timeline of the run that it became ready in.
  const now = log.spans().filter(({ end }) => end >= steps.begin)
  if (now.length === 0 && existsSync(join(LOCAL_FOLDER, 'timeline.json'))) return
  // The whole cloud as one step would hide what the operator's own steps say.
  const timeline = timelineOf([...steps.spans.filter(({ id }) => id !== cloud.name), ...now])
  await writeLocal({ 'timeline.json': `${JSON.stringify(timeline, null, 2)}\n`, 'timeline.svg': timelineSvg(timeline) })
}

function facts({ embedded }: Target): (readonly [string, string])[] {
  if (!embedded) return []
  return [
    ...embedded.nodes.map(({ name, address }) => [`node ${name}`, address] as const),
    ['management network', embedded.managementCidr],
    ['provider network', `${embedded.provider.cidr}, this host is ${embedded.provider.gateway}`],
  ]
}

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => interrupted.abort(new Error(`interrupted by ${name}: the next "npm run up" goes on from here`)))
}
try {
  process.exitCode = await up(process.argv.slice(2), interrupted.signal)
} catch (thrown) {
  // Whatever an abort made fail first, it is the interruption that is told.
  const error: unknown = interrupted.signal.aborted ? interrupted.signal.reason : thrown
  console.error(`\n${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = interrupted.signal.aborted ? 130 : 1
}
