import { renderIni } from '../config/ini.ts'
import type { KubeObject } from '../kube/types.ts'
import { hasLabels } from '../model/node-choice.ts'
import type { Scope } from '../model/scope.ts'
import type { Context } from '../services/context.ts'
import { isSelfService } from '../services/neutron/mode.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import type { Directory } from '../workloads/pod.ts'
import { secret } from '../workloads/secret.ts'
import type { ConfigSecret } from '../workloads/secret.ts'
import { nodesOf, nodeTerms } from './nodes.ts'

/** Where a pod finds the file of each node. */
const FOLDER = '/etc/neutron/interfaces'

/**
 * What the linuxbridge agent of each node is told that others are not: the interfaces that its physical networks are reached by, as a file of
 * oslo.config by the node's name. Throws a RangeError where a node would have two physical networks on one interface.
 */
function interfaces(scope: Scope): ConfigSecret {
  const names = nodesOf(scope, 'hypervisor', 'network')
  const nodes = scope.nodes.filter(({ metadata }) => names.includes(metadata.name))
  return { name: 'neutron-interfaces', files: Object.fromEntries(nodes.map((node) => [node.metadata.name, fileOf(scope, node)])) }
}

/** The interface of a node that each physical network is reached by. */
export function interfacesOf({ spec }: Pick<Scope, 'spec'>, node: KubeObject): { name: string; nic: string }[] {
  return spec.services.neutron.physicalNetworks.map(({ name, interface: usual, overrides }) => ({
    name,
    nic: overrides.find(({ nodeSelector }) => hasLabels(node, nodeSelector))?.interface ?? usual,
  }))
}

function fileOf(scope: Scope, node: KubeObject): string {
  const mappings = interfacesOf(scope, node)
  for (const [nic, shared] of Map.groupBy(mappings, (mapping) => mapping.nic)) {
    if (shared.length === 1) continue
    const both = shared.map(({ name }) => name).join(' and ')
    throw new RangeError(
      `services.neutron.physicalNetworks: ${both} would share the interface ${nic} of node ${node.metadata.name}: correct overrides; what runs is unchanged`,
    )
  }
  return renderIni({ linux_bridge: { physical_interface_mappings: mappings.map(({ name, nic }) => `${name}:${nic}`) } })
}

/** The Secret with the file of each node. Pods read it as a volume: a node that comes or changes concerns no other one's pods. */
export function interfacesSecret(scope: Scope): KubeObject {
  const { name, files } = interfaces(scope)
  return secret(scope, name, 'neutron', files)
}

/** The files in a pod. */
export function interfacesDirectory(scope: Scope): Directory {
  return { path: FOLDER, source: { kind: 'secret', config: interfaces(scope), live: true } }
}

/** What the tunnel's end is found by; nothing, for the node's own address, where there are no tunnels. */
export function tunnelEnv(scope: Scope): Record<string, string> {
  const { interface: nic, cidr } = isSelfService(scope) ? scope.spec.services.neutron.tunnel : {}
  return { TUNNEL_INTERFACE: nic ?? '', TUNNEL_CIDR: cidr ?? '' }
}

/**
 * Shell: the interfaces of the node it runs on. Wants HOST_ADDRESS, OS_DEFAULT__HOST and `tunnelEnv`; `mappings` and `interfaces` want the file, whose
 * place is in FILE.
 */
export const nodeInterfaces = `FILE=${FOLDER}/$OS_DEFAULT__HOST
mappings() { sed -n 's/^physical_interface_mappings = //p' "$FILE" | tr , '\\n'; }
interfaces() { mappings | sed 's/^[^:]*://'; }
has() { ip link show dev "$1" >/dev/null 2>&1; }
all_interfaces() { ls -x -w 0 /sys/class/net; }
# Returns when an interface or an address changes, or after so many seconds.
next_change() { read -r -t "$1" _ < <(exec timeout "$1" ip monitor link address) || true; }
# The line of the address that VXLAN packets leave from: number, interface, family, address/prefix, ...
tunnel_line() {
  if [ -n "$TUNNEL_CIDR" ]; then ip -4 -o address show to "$TUNNEL_CIDR"
  elif [ -n "$TUNNEL_INTERFACE" ]; then ip -4 -o address show dev "$TUNNEL_INTERFACE" scope global 2>/dev/null
  else ip -4 -o address show to "$HOST_ADDRESS/32"
  fi | head -n 1
}
tunnel_address() { if [ -z "$TUNNEL_CIDR$TUNNEL_INTERFACE" ]; then echo "$HOST_ADDRESS"; else tunnel_line | awk '{ sub(/\\/.*/, "", $4); print $4 }'; fi; }
tunnel_interface() { tunnel_line | awk '{ print $2 }'; }
no_tunnel_address() {
  if [ -n "$TUNNEL_CIDR" ]; then echo "node $OS_DEFAULT__HOST has no address in $TUNNEL_CIDR of services.neutron.tunnel.cidr; it has: $(ip -4 -o address show scope global | awk '{ print $4 " on " $2 }' | paste -sd ,)"
  elif has "$TUNNEL_INTERFACE"; then echo "interface $TUNNEL_INTERFACE of services.neutron.tunnel.interface has no IPv4 address on node $OS_DEFAULT__HOST: give it one, or set services.neutron.tunnel.cidr"
  else echo "interface $TUNNEL_INTERFACE of services.neutron.tunnel.interface does not exist on node $OS_DEFAULT__HOST; it has: $(all_interfaces)"
  fi
}
`

/**
 * A look at each node at what the networks ask of it: that its interfaces carry their MTU, and that its kernel has VLANs where one is declared. A node
 * that lacks something has an unready pod with the sentence that says so; agents and guests go on.
 */
export function nodeCheck(scope: Scope, c: Context): KubeObject {
  const { spec } = scope
  const { mtu, physicalNetworks, tenantNetworkType } = spec.services.neutron
  const vlans = spec.bootstrap.networks.filter(({ provider }) => provider?.type === 'vlan')
  return daemonSet(
    scope,
    'neutron-node-check',
    'neutron',
    nodeTerms(scope, 'hypervisor', 'network'),
    c.process(
      {
        image: 'neutron',
        args: ['bash', '-c', check],
        env: {
          ...tunnelEnv(scope),
          MTUS: physicalNetworks.map((network) => `${network.name}:${network.mtu ?? mtu}`).join(' '),
          TUNNEL_MTU: isSelfService(scope) && tenantNetworkType === 'vxlan' ? String(mtu) : '0',
          VLANS: vlans.map(({ name, provider }) => `${provider?.physicalNetwork}:${name}`).join('\n'),
        },
        fieldEnv: { OS_DEFAULT__HOST: 'spec.nodeName', HOST_ADDRESS: 'status.hostIP' },
        directories: [interfacesDirectory(scope), { path: '/tmp', source: { kind: 'scratch' } }],
        ready: { exec: ['test', '-e', '/tmp/fine'] },
      },
      { requests: { cpu: '5m', memory: '8Mi' } },
    ),
    { terminationGracePeriodSeconds: 1 },
  )
}

/** The end of the process is what brings its sentence to the kubelet; the next one looks again, with the kubelet's growing pauses. */
const check = `set -uo pipefail
${nodeInterfaces}
fail() {
  echo "$1" >&2
  echo "$1" > /dev/termination-log
  rm -f /tmp/fine
  exit 1
}
interface_of() { mappings | sed -n "s/^$1://p"; }
# Asking for a VLAN makes the kernel load the module, where it has one.
has_vlan() {
  [ -d /proc/net/vlan ] && return
  ip link add link "$1" name teruwa-vlan type vlan id 4094 2>/dev/null && ip link delete dev teruwa-vlan
}
carries() {
  local mtu
  mtu=$(cat "/sys/class/net/$1/mtu" 2>/dev/null) || return 0
  [ "$mtu" -ge "$2" ] || fail "interface $1 of node $OS_DEFAULT__HOST carries packets of $mtu bytes at most, and $3 is $2: ip link set dev $1 mtu $2 on the node, where what it is connected to can do that, or lower $3"
}
trap 'exit 0' TERM
rm -f /tmp/fine
until [ -s "$FILE" ]; do sleep 1; done
while true; do
  for each in $MTUS; do carries "$(interface_of "\${each%%:*}")" "\${each##*:}" "the MTU of the physical network \${each%%:*} (services.neutron)"; done
  if [ "$TUNNEL_MTU" -gt 0 ] && [ -n "$(tunnel_interface)" ]; then carries "$(tunnel_interface)" "$TUNNEL_MTU" services.neutron.mtu; fi
  while IFS= read -r each; do
    [ -n "$each" ] || continue
    interface=$(interface_of "\${each%%:*}")
    has "$interface" || continue
    has_vlan "$interface" || fail "the kernel of node $OS_DEFAULT__HOST has no 8021q, which the network \${each#*:} of type vlan needs: modprobe 8021q on the node, or declare the network with another type"
  done <<< "$VLANS"
  touch /tmp/fine
  next_change 60
  sleep 1
done
`
