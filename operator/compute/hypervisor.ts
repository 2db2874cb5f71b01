import { trustOf } from '../config/authorities.ts'
import type { KubeObject } from '../kube/types.ts'
import { addressesOf } from '../model/node.ts'
import type { Scope } from '../model/scope.ts'
import type { Context } from '../services/context.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import { HYPERVISOR_AUTHORITIES } from '../services/nova/index.ts'
import type { Directory, Process } from '../workloads/pod.ts'
import { secret } from '../workloads/secret.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import { nodeFile, readingNodeFile } from './node-overrides.ts'
import { nodesOf, nodeTerms } from './nodes.ts'
import { secretFiles } from './secrets.ts'

const host = (path: string, propagation?: 'Bidirectional' | 'HostToContainer'): Directory => ({
  path,
  source: { kind: 'host', ...(propagation ? { propagation } : {}) },
})

/**
 * What libvirtd and QEMU show each other when guests move, and whom they trust. One for all hypervisors: whoever may take guests from one may take them from
 * all. It is for the addresses of all of them, so a new one changes it; who has the one from before is still trusted.
 */
function certificates(scope: Scope): ConfigSecret {
  const hypervisors = new Set(nodesOf(scope, 'hypervisor'))
  const addresses = scope.nodes.filter(({ metadata }) => hypervisors.has(metadata.name)).flatMap(addressesOf)
  const name = `${scope.namespace}/${scope.name} hypervisors`
  const trust = trustOf(scope.credential(HYPERVISOR_AUTHORITIES), { name, commonName: 'hypervisor', addresses: addresses.toSorted() })
  return { name: 'libvirt-certificates', files: { 'ca-cert.pem': trust.authorities, 'cert.pem': trust.certificate, 'key.pem': trust.key } }
}

/** Libvirt and what it needs. */
export function libvirtObjects(scope: Scope, c: Context): KubeObject[] {
  const config = certificates(scope)
  return [secret(scope, config.name, 'nova', config.files), libvirt(scope, c, config)]
}

/**
 * Libvirt on every hypervisor. Its start script moves it into a cgroup outside of the pod's, so that guests outlive the pod; with the node's
 * process namespace they stay children of the node.
 */
function libvirt(scope: Scope, c: Context, config: ConfigSecret) {
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
        fieldEnv: { NODE_ADDRESS: 'status.hostIP' },
        directories: [
          // The start script looks for new ones by itself.
          { path: '/etc/libvirt/certificates', source: { kind: 'secret', config, live: true } },
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
export function novaCompute(scope: Scope, c: Context): KubeObject[] {
  const ofNode = nodeFile(scope, { app: 'nova-compute', service: 'nova', files: ['nova-compute.conf'], roles: ['hypervisor'] })
  const process: Process = {
    image: 'nova-compute',
    args: ['bash', '-c', startNovaCompute(ofNode !== undefined), ...(ofNode === undefined ? [] : ['start-nova-compute'])],
    env: { VIRT_TYPE: scope.spec.hypervisors.virtType },
    fieldEnv: { OS_DEFAULT__MY_IP: 'status.hostIP', OS_DEFAULT__HOST: 'spec.nodeName', OS_LIBVIRT__LIVE_MIGRATION_INBOUND_ADDR: 'status.hostIP' },
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
  }
  const complete = c.process(readingNodeFile(process, ofNode), { requests: { cpu: '50m', memory: '192Mi' } })
  const options = { hostPID: true, terminationGracePeriodSeconds: 30 }
  const objects = [daemonSet(scope, 'nova-compute', 'nova', nodeTerms(scope, 'hypervisor'), complete, options)]
  return ofNode === undefined ? objects : [secret(scope, ofNode.name, 'nova', ofNode.files), ...objects]
}

/**
 * virt_type is decided on the node, where alone it can be seen. A guest's own processor is only passed on under KVM; an emulated one has no
 * model to match. Libvirt's socket appears when its pod is ready, which may be after this one starts on a new node. A file of the node's own
 * comes last, and what it says of the processor is not said by the environment, which would win.
 */
const startNovaCompute = (ownFile: boolean) => `set -euo pipefail
type=$VIRT_TYPE
if [ "$type" = auto ]; then
  if [ -c /dev/kvm ] && grep -qwE 'vmx|svm' /proc/cpuinfo; then type=kvm; else type=qemu; fi
fi
export OS_LIBVIRT__VIRT_TYPE=$type
if [ "$type" = kvm ]; then export OS_LIBVIRT__CPU_MODE=host-model; else export OS_LIBVIRT__CPU_MODE=none; fi${ownFile ? '\nif grep -q "^cpu_mode = " /tmp/node.conf; then unset OS_LIBVIRT__CPU_MODE; fi' : ''}
mkdir -p /var/lib/nova/instances /var/lib/nova/tmp
echo "virt_type $type on $OS_DEFAULT__HOST ($OS_DEFAULT__MY_IP)"
for try in $(seq 600); do
  if virsh --connect qemu:///system connect >/dev/null 2>&1 || { [ -S /run/libvirt/libvirt-sock ] && ! command -v virsh >/dev/null; }; then
    touch /tmp/started
    exec flock --no-fork /run/lock/teruwa/nova-compute nova-compute${ownFile ? ' --config-file=/etc/nova/nova.conf "$@"' : ''}
  fi
  sleep 0.2
done
echo "libvirt did not answer on /run/libvirt/libvirt-sock within 2 minutes" >&2
exit 1
`
