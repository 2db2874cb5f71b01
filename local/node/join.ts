import { exec, writeFiles } from '../docker.ts'
import { KUBEADM_FOLDER, kubeletArguments } from '../kubeadm.ts'
import type { NodePlan } from './control-plane.ts'
import { exists } from './control-plane.ts'
import { kubeletKubeconfig, servingCertificate } from './credentials.ts'

const DONE = `${KUBEADM_FOLDER}/joined`
const KUBELET_CONFIG = '/var/lib/kubelet/config.yaml'
const AUTHORITY = '/etc/kubernetes/pki/ca.crt'

/** Makes a node part of the cluster of the first one, if it is not yet. Its kubelet starts when the last of its files is there. */
export async function ensureJoined(first: NodePlan, node: NodePlan, signal?: AbortSignal): Promise<void> {
  if (await exists(node.name, DONE, signal)) return
  const [serving, kubeconfig, authority, config] = await Promise.all([
    servingCertificate(first.name, node, signal),
    kubeletKubeconfig(first, node, signal),
    exec(first.name, ['cat', AUTHORITY], { signal }),
    exec(first.name, ['cat', KUBELET_CONFIG], { signal }),
  ])
  const flags = kubeletArguments(node).map(({ name, value }) => `--${name}=${value}`)
  await writeFiles(
    node.name,
    {
      ...serving,
      [AUTHORITY]: { content: authority },
      // A kubelet complains of a folder for static pods that is not there.
      '/etc/kubernetes/manifests/.keep': { content: '' },
      '/var/lib/kubelet/kubeadm-flags.env': { content: `KUBELET_KUBEADM_ARGS="${flags.join(' ')}"\n` },
      [KUBELET_CONFIG]: { content: config },
      '/etc/kubernetes/kubelet.conf': { content: kubeconfig, mode: '600' },
      [DONE]: { content: '' },
    },
    signal,
  )
}
