import { exec, writeFiles } from '../docker.ts'
import { KUBEADM_FOLDER } from '../kubeadm.ts'
import type { Kubectl } from '../kubectl.ts'
import { cniConfiguration, routesScript } from './cni.ts'

const ROUTES = `${KUBEADM_FOLDER}/routes`
const CNI = '/etc/cni/net.d/10-teruwa.conflist'

/** Gives every node its part of the pods' range, once the controller manager has chosen it, and the ways to the others' parts. */
export async function ensurePodNetwork(nodes: readonly { name: string; address: string }[], kubectl: Kubectl, signal?: AbortSignal): Promise<void> {
  const ranges = new Map<string, string>()
  const template = String.raw`jsonpath={.metadata.name} {.spec.podCIDR}{"\n"}`
  await kubectl.watch(
    ['nodes', '-o', template],
    (objects) => {
      for (const [name, [range = '']] of objects) if (range !== '') ranges.set(name, range)
      return nodes.every(({ name }) => ranges.has(name))
    },
    signal,
  )
  const parts = nodes.map((node) => ({ ...node, podCidr: ranges.get(node.name) ?? '' }))
  await Promise.all(
    parts.map(async (node) => {
      const wanted = { [ROUTES]: routesScript(parts.filter((other) => other !== node)), [CNI]: cniConfiguration(node.podCidr) }
      const current = await exec(node.name, ['sh', '-c', `cat ${ROUTES} ${CNI} 2> /dev/null || true`], { signal })
      if (current === Object.values(wanted).join('')) return
      await writeFiles(node.name, { [ROUTES]: { content: wanted[ROUTES] ?? '', mode: '755' }, [CNI]: { content: wanted[CNI] ?? '' } }, signal)
      await exec(node.name, [ROUTES], { signal })
    }),
  )
}
