import type { Scope } from '../model/scope.ts'
import type { Context } from '../services/context.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import type { Directory } from '../workloads/pod.ts'
import { nodeTerms } from './nodes.ts'
import { secretFiles } from './secrets.ts'

const host = (path: string, propagation?: 'Bidirectional' | 'HostToContainer'): Directory => ({
  path,
  source: { kind: 'host', ...(propagation ? { propagation } : {}) },
})

/**
 * Libvirt on every hypervisor. Its start script moves it into a cgroup outside of the pod's, so that guests outlive the pod; with the node's
 * process namespace they stay children of the node.
 */
export function libvirt(scope: Scope, c: Context) {
  return daemonSet(
    scope,
    'libvirt',
    'nova',
    nodeTerms(scope, 'hypervisor'),
    c.process(
      {
        image: 'libvirt',
        args: ['start-libvirt'],
        files: secretFiles(scope),
        directories: [
          host('/var/lib/nova', 'Bidirectional'),
          host('/var/lib/libvirt'),
          host('/run/libvirt'),
          host('/var/log/libvirt'),
          host('/sys/fs/cgroup'),
          host('/dev'),
          { path: '/tmp', source: { kind: 'scratch' } },
        ],
        ready: { exec: ['virsh', '--connect', 'qemu:///system', 'connect'] },
      },
      { requests: { cpu: '50m', memory: '128Mi' } },
    ),
    { hostPID: true, terminationGracePeriodSeconds: 10 },
  )
}

/**
 * nova-compute on every hypervisor. A lock on the node keeps a second one of the same host out until the first is gone: both would take each
 * other's messages, and guests would wait for ever.
 */
export function novaCompute(scope: Scope, c: Context) {
  const { virtType } = scope.spec.hypervisors
  return daemonSet(
    scope,
    'nova-compute',
    'nova',
    nodeTerms(scope, 'hypervisor'),
    c.process(
      {
        image: 'nova-compute',
        args: ['bash', '-c', startNovaCompute],
        env: { VIRT_TYPE: virtType },
        fieldEnv: { OS_DEFAULT__MY_IP: 'status.hostIP', OS_DEFAULT__HOST: 'spec.nodeName' },
        files: [c.file('nova-compute.conf', '/etc/nova/nova.conf')],
        directories: [
          host('/var/lib/nova', 'Bidirectional'),
          host('/var/lib/libvirt'),
          host('/run/libvirt'),
          host('/run/lock/teruwa'),
          // The node's name as an initiator, and what iscsid knows.
          host('/etc/iscsi'),
          host('/dev'),
          { path: '/sys/fs/cgroup', source: { kind: 'host' } },
          { path: '/tmp', source: { kind: 'scratch' } },
        ],
        ready: { exec: ['test', '-e', '/tmp/started'] },
      },
      { requests: { cpu: '50m', memory: '192Mi' } },
    ),
    { hostPID: true, terminationGracePeriodSeconds: 30 },
  )
}

/**
 * virt_type is decided on the node, where alone it can be seen. A guest's own processor is only passed on under KVM; an emulated one has no
 * model to match. Libvirt's socket appears when its pod is ready, which may be after this one starts on a new node.
 */
const startNovaCompute = `set -euo pipefail
type=$VIRT_TYPE
if [ "$type" = auto ]; then
  if [ -c /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then type=kvm; else type=qemu; fi
fi
export OS_LIBVIRT__VIRT_TYPE=$type
if [ "$type" = kvm ]; then export OS_LIBVIRT__CPU_MODE=host-model; else export OS_LIBVIRT__CPU_MODE=none; fi
mkdir -p /var/lib/nova/instances /var/lib/nova/tmp
echo "virt_type $type on $OS_DEFAULT__HOST ($OS_DEFAULT__MY_IP)"
for try in $(seq 600); do
  if virsh --connect qemu:///system connect >/dev/null 2>&1 || { [ -S /run/libvirt/libvirt-sock ] && ! command -v virsh >/dev/null; }; then
    touch /tmp/started
    exec flock --no-fork /run/lock/teruwa/nova-compute nova-compute
  fi
  sleep 0.2
done
echo "libvirt did not answer on /run/libvirt/libvirt-sock within 2 minutes" >&2
exit 1
`
