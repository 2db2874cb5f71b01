import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { dump } from 'js-yaml'
import { parseCidr } from '../../local/cidr.ts'
import { deleteCluster } from '../../local/cluster.ts'
import { ensureHost } from '../../local/host.ts'
import { kubectlOf } from '../../local/kubectl.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { createProgress } from '../../local/progress.ts'
import { COURSE_PROVIDER, moveRange, readManifest } from '../../local/up/manifest.ts'
import { RecordedSteps } from '../../local/up/steps.ts'
import { embeddedCluster, podImages, roleOf } from '../../local/up/target.ts'

/** The tests' own embedded cluster. */
const CLUSTER = 'teruwa-gitops'

/** An embedded Kubernetes with all images on it, and without an operator. */
export interface EmptyCluster {
  readonly kubectl: Kubectl
  readonly kubeconfig: string
  /** Repository and tag of the operator's image. */
  readonly operator: { readonly repository: string; readonly tag: string }
  /** manifests/cluster.yaml, with the provider network where this cluster has it. */
  readonly manifest: string
  readonly close: () => Promise<void>
}

/** Makes it anew. */
export async function emptyCluster(): Promise<EmptyCluster> {
  const progress = createProgress(process.stdout)
  try {
    await ensureHost()
    await deleteCluster(CLUSTER)
    const options = { name: CLUSTER, nodes: 1, images: podImages, role: roleOf }
    const { cluster, references } = await embeddedCluster(new RecordedSteps(progress), options, new AbortController().signal)
    const folder = await mkdtemp(join(tmpdir(), 'teruwa-gitops-'))
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
    const [repository = '', tag = ''] = (references['operator'] ?? '').split(/:(?=[^:/]*$)/)
    const declared = await readManifest(join(import.meta.dirname, '../../manifests/cluster.yaml'))
    return {
      kubectl: kubectlOf(cluster.kubectl, kubeconfig),
      kubeconfig,
      operator: { repository, tag },
      manifest: moveRange(declared, COURSE_PROVIDER, parseCidr(cluster.provider.cidr))
        .map((object) => dump(object))
        .join('---\n'),
      async close() {
        await deleteCluster(CLUSTER)
        await rm(folder, { recursive: true, force: true })
      },
    }
  } finally {
    progress.close()
  }
}
