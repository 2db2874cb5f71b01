import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import type { Scope } from '../model/scope.ts'
import type { Context } from '../services/context.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import type { NodeTerms } from '../model/node-choice.ts'
import type { Directory, File, Process } from '../workloads/pod.ts'
import { nodeTerms } from './nodes.ts'

/** Where the agents keep sockets and pid files that they share: the metadata proxies of the DHCP and L3 agents talk to the metadata agent here. */
const state: Directory = { path: '/var/lib/neutron', source: { kind: 'host' } }
/** Network namespaces that an agent makes must be seen by the node and by the other agents, and outlive the agent's pod. */
const namespaces: Directory = { path: '/run/netns', source: { kind: 'host', propagation: 'Bidirectional' } }
const common: readonly Directory[] = [state, namespaces, { path: '/run/lock', source: { kind: 'host' } }, { path: '/tmp', source: { kind: 'scratch' } }]

interface Agent {
  readonly app: string
  readonly terms: NodeTerms
  readonly args: readonly string[]
  readonly files: readonly File[]
  readonly env?: Process['env']
  readonly fieldEnv?: Process['fieldEnv']
}

function agent(scope: Scope, c: Context, { app, terms, args, files, env, fieldEnv }: Agent) {
  return daemonSet(
    scope,
    app,
    'neutron',
    terms,
    c.process(
      {
        image: 'neutron',
        args,
        env,
        fieldEnv: { OS_DEFAULT__HOST: 'spec.nodeName', ...fieldEnv },
        files: [c.file('agent.conf', '/etc/neutron/neutron.conf'), ...files],
        directories: common,
      },
      { requests: { cpu: '20m', memory: '128Mi' } },
    ),
    { terminationGracePeriodSeconds: 10 },
  )
}

const linuxbridgePath = '/etc/neutron/plugins/ml2/linuxbridge_agent.ini'

/**
 * The linuxbridge agent, on hypervisors and network nodes. It does not start before the interfaces of the physical networks are there: the
 * agent would exit with a stack trace. The kernel tells when one appears, so mending is noticed at once.
 */
export function linuxbridgeAgent(scope: Scope, c: Context) {
  return agent(scope, c, {
    app: 'neutron-linuxbridge-agent',
    terms: nodeTerms(scope, 'hypervisor', 'network'),
    args: ['bash', '-c', startLinuxbridgeAgent],
    env: { INTERFACES: scope.spec.services.neutron.physicalNetworks.map((network) => network.interface).join(' ') },
    fieldEnv: { OS_VXLAN__LOCAL_IP: 'status.hostIP' },
    files: [c.file('linuxbridge_agent.ini', linuxbridgePath)],
  })
}

const startLinuxbridgeAgent = `set -euo pipefail
for interface in $INTERFACES; do
  until ip link show dev "$interface" >/dev/null 2>&1; do
    message="interface $interface of services.neutron.physicalNetworks does not exist on node $OS_DEFAULT__HOST; it has: $(ls -x -w 0 /sys/class/net)"
    echo "$message" >&2
    echo "$message" > /dev/termination-log
    { timeout 20 ip monitor link | grep -m 1 -q -w "$interface"; } || { ip link show dev "$interface" >/dev/null 2>&1 || exit 1; }
  done
  # A physical network's interface belongs to a bridge: it must be up and carry no address of the node.
  ip link set dev "$interface" up
done
exec neutron-linuxbridge-agent --config-file=/etc/neutron/neutron.conf --config-file=${linuxbridgePath}
`

/** The kinds of agents that run on network nodes: DHCP; routers, where projects have some; metadata, where it is wanted. */
export function networkAgentKinds({ services }: OpenStackClusterSpec): string[] {
  return ['dhcp', ...(services.neutron.mode === 'SelfService' ? ['l3'] : []), ...(services.nova.metadata.enabled ? ['metadata'] : [])]
}

/** The agents of the network nodes. */
export function networkAgents(scope: Scope, c: Context) {
  const terms = nodeTerms(scope, 'network')
  const one = (name: string) => ({
    app: `neutron-${name}-agent`,
    terms,
    args: [`neutron-${name}-agent`, '--config-file=/etc/neutron/neutron.conf', `--config-file=/etc/neutron/${name}_agent.ini`],
    files: [c.file(`${name}_agent.ini`, `/etc/neutron/${name}_agent.ini`)],
  })
  return networkAgentKinds(scope.spec).map((name) => agent(scope, c, one(name)))
}
