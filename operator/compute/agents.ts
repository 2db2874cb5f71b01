import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import type { Context } from '../services/context.ts'
import { isSelfService } from '../services/neutron/mode.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import type { Directory, File, Process } from '../workloads/pod.ts'
import { secret } from '../workloads/secret.ts'
import { endOnChange } from './end-on-change.ts'
import { nodeFile, readingNodeFile } from './node-overrides.ts'
import { interfacesDirectory, nodeInterfaces, tunnelEnv } from './node-networks.ts'
import { nodeTerms } from './nodes.ts'
import type { NodeRole } from './nodes.ts'

/** Where the agents keep sockets and pid files that they share: the metadata proxies of the DHCP and L3 agents talk to the metadata agent here. */
const state: Directory = { path: '/var/lib/neutron', source: { kind: 'host' } }
/** Network namespaces that an agent makes must be seen by the node and by the other agents, and outlive the agent's pod. */
const namespaces: Directory = { path: '/run/netns', source: { kind: 'host', propagation: 'Bidirectional' } }
const common: readonly Directory[] = [state, namespaces, { path: '/run/lock', source: { kind: 'host' } }, { path: '/tmp', source: { kind: 'scratch' } }]

interface Agent {
  readonly app: string
  readonly roles: readonly NodeRole[]
  /** With the node's own file to read (its name in the shell's arguments), or without. */
  readonly args: (own: boolean) => readonly string[]
  /** Its file besides agent.conf, for which a node may have options of its own. */
  readonly own: string
  readonly files: readonly File[]
  readonly directories?: readonly Directory[]
  readonly env?: Process['env']
  readonly fieldEnv?: Process['fieldEnv']
}

function agent(scope: Scope, c: Context, { app, roles, args, own, files, directories, env, fieldEnv }: Agent): KubeObject[] {
  const ofNode = nodeFile(scope, { app, service: 'neutron', files: ['agent.conf', own], roles })
  const process = {
    image: 'neutron',
    args: args(ofNode !== undefined),
    env,
    fieldEnv: { OS_DEFAULT__HOST: 'spec.nodeName', ...fieldEnv },
    files: [c.file('agent.conf', '/etc/neutron/neutron.conf'), ...files],
    directories: [...common, ...(directories ?? [])],
  }
  const complete = c.process(readingNodeFile(process, ofNode), { requests: { cpu: '20m', memory: '128Mi' } })
  const objects = [daemonSet(scope, app, 'neutron', nodeTerms(scope, ...roles), complete, { terminationGracePeriodSeconds: 10 })]
  return ofNode === undefined ? objects : [secret(scope, ofNode.name, 'neutron', ofNode.files), ...objects]
}

const linuxbridgePath = '/etc/neutron/plugins/ml2/linuxbridge_agent.ini'

/**
 * The linuxbridge agent, on hypervisors and network nodes. It does not start before the interfaces of its node are there: the agent would exit with
 * a stack trace. The kernel tells when one appears, so mending is noticed at once. It starts anew when its node gets other interfaces.
 */
export function linuxbridgeAgent(scope: Scope, c: Context) {
  return agent(scope, c, {
    app: 'neutron-linuxbridge-agent',
    roles: ['hypervisor', 'network'],
    args: (own) => ['bash', '-c', startLinuxbridgeAgent(own ? ' "$@"' : ''), ...(own ? ['start-linuxbridge-agent'] : [])],
    own: 'linuxbridge_agent.ini',
    env: tunnelEnv(scope),
    fieldEnv: { HOST_ADDRESS: 'status.hostIP' },
    files: [c.file('linuxbridge_agent.ini', linuxbridgePath)],
    directories: [interfacesDirectory(scope)],
  })
}

/** `more` is what follows in the agent's command line. */
const startLinuxbridgeAgent = (more: string) => `set -euo pipefail
${nodeInterfaces}
say() {
  echo "$1" >&2
  echo "$1" > /dev/termination-log
}
until [ -s "$FILE" ]; do
  say "waits for its part of the Secret neutron-interfaces, which the kubelet brings within two minutes"
  sleep 1
done
cp "$FILE" /tmp/interfaces
for interface in $(interfaces); do
  tries=0
  until has "$interface"; do
    say "interface $interface of services.neutron.physicalNetworks does not exist on node $OS_DEFAULT__HOST; it has: $(all_interfaces)"
    [ "$tries" -eq 0 ] || exit 1
    tries=1
    next_change 20
  done
  # A physical network's interface belongs to a bridge: it must be up and carry no address of the node.
  ip link set dev "$interface" up
done
tries=0
until OS_VXLAN__LOCAL_IP=$(tunnel_address) && [ -n "$OS_VXLAN__LOCAL_IP" ]; do
  say "$(no_tunnel_address)"
  [ "$tries" -eq 0 ] || exit 1
  tries=1
  next_change 20
done
export OS_VXLAN__LOCAL_IP
${endOnChange('$FILE', '/tmp/interfaces')}
exec neutron-linuxbridge-agent --config-file=/etc/neutron/neutron.conf --config-file=/tmp/interfaces --config-file=${linuxbridgePath}${more}
`

/** The kinds of agents that run on network nodes: DHCP; routers, where projects have some; metadata, where it is wanted. */
export function networkAgentKinds(scope: Scope): string[] {
  return ['dhcp', ...(isSelfService(scope) ? ['l3'] : []), ...(scope.spec.services.nova.metadata.enabled ? ['metadata'] : [])]
}

/** The agents of the network nodes. */
export function networkAgents(scope: Scope, c: Context): KubeObject[] {
  const one = (name: string): Agent => ({
    app: `neutron-${name}-agent`,
    roles: ['network'],
    own: `${name}_agent.ini`,
    args: () => [`neutron-${name}-agent`, '--config-file=/etc/neutron/neutron.conf', `--config-file=/etc/neutron/${name}_agent.ini`],
    files: [c.file(`${name}_agent.ini`, `/etc/neutron/${name}_agent.ini`)],
  })
  return networkAgentKinds(scope).flatMap((name) => agent(scope, c, one(name)))
}
