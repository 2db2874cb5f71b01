import { existsSync } from 'node:fs'
import { readdir, rm, rmdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { annotations } from '../operator/api/v1alpha1/index.ts'
import { deleteCluster } from './cluster.ts'
import { run, succeeds } from './command.ts'
import { helm, kubectlProgram } from './helm.ts'
import { engineInstalled, ensureDocker } from './host.ts'
import { localFiles, LOCAL_FOLDER } from './up/access.ts'
import { CEPH_LABEL } from './up/ceph.ts'
import { OPERATOR } from './up/install.ts'
import { declaredCloud, readManifest } from './up/manifest.ts'
import { CLUSTER, hasOwnCluster } from './up/target.ts'

const USAGE = `Usage: npm run down -- [OPTION…]

Removes what "npm run up" made: the containers, networks and volumes of the embedded Kubernetes, with the cloud in it, and the files in .local.
Built programs and images stay for the next "npm run up". With KUBECONFIG set: the cloud of the manifest and the operator; the definition of
the resource stays, because other clouds may be declared by it.

  --file FILE   with KUBECONFIG: the manifest that was applied (default: manifests/cluster.yaml)
  --help
`

const MANIFEST = join(import.meta.dirname, '../manifests/cluster.yaml')

async function removeFiles(): Promise<string[]> {
  const files = (await localFiles()).map((name) => join(LOCAL_FOLDER, name))
  await Promise.all(files.map((path) => rm(path)))
  if (existsSync(LOCAL_FOLDER) && (await readdir(LOCAL_FOLDER)).length === 0) await rmdir(LOCAL_FOLDER)
  return files.map((path) => `file ${relative(process.cwd(), path)}`)
}

async function removeEmbedded(signal: AbortSignal): Promise<string[]> {
  // Nothing can be there where there is no engine; it is not installed to look.
  if (!(await engineInstalled(signal))) return []
  await ensureDocker({ onUpdate: console.log, signal })
  return deleteCluster(CLUSTER, signal)
}

async function removeFromOwn(file: string, signal: AbortSignal): Promise<string[]> {
  const { name, namespace } = declaredCloud(await readManifest(file), file)
  const kubectl = await kubectlProgram()
  const removed: string[] = []
  console.log(`removing OpenStackCluster ${namespace}/${name} …`)
  const cloud = ['openstackclusters.openstack.teruwa.io', name, '-n', namespace]
  // Whoever runs this means the guests, too.
  if ((await run(kubectl, ['get', ...cloud, '--ignore-not-found', '-o', 'name'], { signal })) !== '')
    await run(kubectl, ['annotate', ...cloud, `${annotations.confirmDeletion}=${name}`, '--overwrite'], { signal })
  const deleted = await run(kubectl, ['delete', ...cloud, '--ignore-not-found', '--timeout=10m'], {
    signal,
  })
  if (deleted.trim() !== '') removed.push(`OpenStackCluster ${namespace}/${name}`)
  const where = ['--namespace', OPERATOR.namespace]
  if (await succeeds(await helm(), ['status', OPERATOR.release, ...where], signal)) {
    await run(await helm(), ['uninstall', OPERATOR.release, ...where, '--wait'], { signal })
    removed.push(`release ${OPERATOR.namespace}/${OPERATOR.release}`)
  }
  const ceph = await run(kubectl, ['delete', 'namespace', '-l', CEPH_LABEL, '-o', 'name'], { signal })
  removed.push(...ceph.split('\n').filter((line) => line.startsWith('namespace/')))
  return removed
}

async function down(argv: readonly string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { file: { type: 'string', short: 'f' }, help: { type: 'boolean', short: 'h' } } })
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  const removed = hasOwnCluster() ? await removeFromOwn(values.file ?? MANIFEST, signal) : await removeEmbedded(signal)
  for (const each of [...removed, ...(await removeFiles())]) console.log(`removed ${each}`)
  if (removed.length === 0) console.log('Nothing that "npm run up" made is running.')
  return 0
}

const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM'] as const)
  process.on(name, () => interrupted.abort(new Error(`interrupted by ${name}: "npm run down" again removes the rest`)))
try {
  process.exitCode = await down(process.argv.slice(2), interrupted.signal)
} catch (thrown) {
  const error: unknown = interrupted.signal.aborted ? interrupted.signal.reason : thrown
  console.error(error instanceof Error ? error.message : String(error))
  process.exitCode = interrupted.signal.aborted ? 130 : 1
}
