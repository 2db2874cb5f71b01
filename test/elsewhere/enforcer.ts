// Who enforces NetworkPolicies in an embedded cluster, whose own network does not: the firewall of kube-router, https://www.kube-router.io

import { join } from 'node:path'
import { ensureGoModule } from '../../local/build.ts'
import type { Cluster } from '../../local/cluster.ts'
import { docker } from '../../local/docker.ts'
import { eventually } from '../../local/verify/guest.ts'

const NAME = 'kube-router'
const PROGRAM = `/usr/local/bin/${NAME}`

/** Starts it on every node, as a process of its own; returns when its rules are there. */
export async function enforceNetworkPolicies({ nodes }: Cluster): Promise<void> {
  const program = join(await ensureGoModule('network-policies'), NAME)
  const parts = ['--run-firewall=true', '--run-router=false', '--run-service-proxy=false', '--run-loadbalancer=false']
  await Promise.all(
    nodes.map(async ({ name }) => {
      await docker(['cp', program, `${name}:${PROGRAM}`])
      await docker(['exec', '--detach', name, PROGRAM, '--kubeconfig=/etc/kubernetes/admin.conf', `--hostname-override=${name}`, ...parts])
      await eventually(`${NAME}'s rules on ${name}`, 60, async () => (await docker(['exec', name, 'iptables-save'])).includes('KUBE-ROUTER-FORWARD'))
    }),
  )
}
