import { exec, writeFiles } from '../docker.ts'
import { KUBEADM_FOLDER, auditPolicy, authenticationConfig, kubeadmConfig, staticPodPatches } from '../kubeadm.ts'
import type { Step } from '../progress.ts'
import { servingCertificate } from './credentials.ts'

/** What a node is for. */
export interface NodeRole {
  readonly labels: Readonly<Record<string, string>>
  /** Pods stay away that do not tolerate them, as `key=value:effect`. */
  readonly taints: readonly string[]
}

/** A node to be; the first one runs the control plane. */
export interface NodePlan extends NodeRole {
  readonly name: string
  readonly address: string
}

const CONFIG = `${KUBEADM_FOLDER}/kubeadm.json`
const DONE = `${KUBEADM_FOLDER}/initialised`

/**
 * What of `kubeadm init` is left out: its checks are of a machine, not of a container; nodes get their credentials from us instead of by a
 * token; the add-ons are our own.
 */
const SKIPPED = ['preflight', 'kubelet-finalize', 'bootstrap-token', 'addon', 'show-join-command']

/** Makes the first node a control plane, if it is none yet. An interrupted attempt is gone on with. */
export async function ensureControlPlane(node: NodePlan, step: Step, signal?: AbortSignal): Promise<void> {
  if (await exists(node.name, DONE, signal)) return
  step.update('certificates')
  const patches = Object.entries(staticPodPatches()).map(([name, content]) => [`${KUBEADM_FOLDER}/patches/${name}`, { content }] as const)
  await writeFiles(
    node.name,
    {
      [CONFIG]: { content: kubeadmConfig(node), mode: '600' },
      [`${KUBEADM_FOLDER}/control-plane/authentication.json`]: { content: authenticationConfig() },
      [`${KUBEADM_FOLDER}/control-plane/audit.json`]: { content: auditPolicy() },
      ...Object.fromEntries(patches),
    },
    signal,
  )
  await exec(node.name, ['kubeadm', 'init', 'phase', 'certs', 'ca', '--config', CONFIG], { signal })
  // Before the kubelet starts, which happens in the middle of what comes next.
  await writeFiles(node.name, await servingCertificate(node.name, node, signal), signal)
  await exec(node.name, ['kubeadm', 'init', '--config', CONFIG, '--skip-phases', SKIPPED.join(',')], {
    signal,
    onLine: (line) => line.startsWith('[') && step.update(line),
  })
  await exec(node.name, ['touch', DONE], { signal })
  step.update('initialised')
}

/** The administrator's kubeconfig; its server is an address that this host reaches, too. */
export function adminKubeconfig(first: NodePlan, signal?: AbortSignal): Promise<string> {
  return exec(first.name, ['cat', '/etc/kubernetes/admin.conf'], { signal })
}

/** Whether a node has a file. */
export async function exists(node: string, path: string, signal?: AbortSignal): Promise<boolean> {
  return (await exec(node, ['sh', '-c', `if [ -e ${path} ]; then echo yes; fi`], { signal })) !== ''
}
