import type { KubeObject } from '../kube/types.ts'
import { agentBinaries } from '../openstack/agents.ts'
import { metadata } from '../workloads/metadata.ts'
import { podTemplate } from '../workloads/pod.ts'
import type { Directory, PodScope } from '../workloads/pod.ts'

/** Apps that work on the nodes themselves; what they leave there outlives their pods. */
export const nodeApps: readonly string[] = ['libvirt', 'nova-compute', ...agentBinaries]

/** The app of the Jobs below. */
export const CLEANUP_APP = 'node-cleanup'

const host = (path: string, more: { propagation?: 'Bidirectional' } = {}): Directory => ({ path, source: { kind: 'host', ...more } })

/** What a Job can be made of once the cluster is being deleted, when no scope can be built any more. */
export type CleanupScope = PodScope

/**
 * A Job that removes from one node what a cloud left there: guests, network namespaces, bridges, rules and disks. It runs after the pods of
 * `nodeApps` are gone, since they would make some of it again.
 */
export function cleanupJob(scope: CleanupScope, node: string): KubeObject {
  const template = podTemplate(
    scope,
    CLEANUP_APP,
    'compute',
    {
      image: 'neutron',
      args: ['bash', '-c', cleanUp],
      privileged: true,
      directories: [
        host('/var/lib/nova'),
        host('/var/lib/libvirt'),
        host('/var/lib/neutron'),
        host('/run/libvirt'),
        host('/run/netns', { propagation: 'Bidirectional' }),
        host('/run/lock'),
        host('/sys/fs/cgroup'),
        { path: '/tmp', source: { kind: 'scratch' } },
      ],
    },
    { hostNetwork: true, hostPID: true, tolerateAll: true, restartPolicy: 'Never' },
  )
  const spec = { ...(template['spec'] as object), nodeName: node }
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(scope, `${CLEANUP_APP}-${node}`.slice(0, 63).replace(/[-.]+$/, ''), 'compute'),
    spec: { backoffLimit: 2, completions: 1, parallelism: 1, template: { ...template, spec } },
  }
}

/** Each part is tried whatever became of the one before: a node may have any of it. */
const cleanUp = `set -u
for procs in $(find /sys/fs/cgroup -maxdepth 3 -path '*/teruwa-libvirt/cgroup.procs'); do
  for pid in $(cat "$procs"); do kill "$pid" 2>/dev/null; done
done
for try in $(seq 50); do
  left=$(cat $(find /sys/fs/cgroup -maxdepth 3 -path '*/teruwa-libvirt/cgroup.procs') /dev/null | sort -u)
  [ -z "$left" ] && break
  [ "$try" -gt 25 ] && for pid in $left; do kill -KILL "$pid" 2>/dev/null; done
  sleep 0.2
done
find /sys/fs/cgroup -maxdepth 2 -type d -name teruwa-libvirt -exec rmdir {} + 2>/dev/null
for namespace in $(ls /run/netns | grep -E '^(qdhcp|qrouter)-'); do
  for pid in $(ip netns pids "$namespace"); do kill -KILL "$pid" 2>/dev/null; done
  ip netns delete "$namespace"
done
for link in $(ls /sys/class/net | grep -E '^(brq|tap|vxlan-|qr-|qg-)'); do ip link delete "$link" 2>/dev/null; done
for tool in iptables ip6tables; do
  "$tool-save" 2>/dev/null | grep -v neutron- | "$tool-restore" 2>/dev/null
done
for set in $(ipset list -name 2>/dev/null | grep -E '^N[I]?[Pv]'); do ipset destroy "$set"; done
rm -rf /var/lib/nova/* /var/lib/libvirt/* /var/lib/neutron/* /run/lock/teruwa /run/libvirt/certificates
left=$(ls /run/netns | grep -cE '^(qdhcp|qrouter)-')
[ "$left" -eq 0 ] || { echo "$left network namespaces are left" >&2; exit 1; }
`
