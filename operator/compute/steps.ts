import type { KubeObject } from '../kube/types.ts'
import type { AgentWant } from '../model/outside.ts'
import { silentNodes } from '../model/node.ts'
import type { Scope } from '../model/scope.ts'
import type { Problem } from '../model/problem.ts'
import type { Step } from '../model/step.ts'
import { neutron } from '../services/neutron/index.ts'
import { nova } from '../services/nova/index.ts'
import type { Context } from '../services/context.ts'
import { serviceContext } from '../services/steps.ts'
import { job } from '../workloads/job.ts'
import { linuxbridgeAgent, networkAgentKinds, networkAgents } from './agents.ts'
import { libvirtObjects, novaCompute } from './hypervisor.ts'
import { interfacesSecret, nodeCheck } from './node-networks.ts'
import { howToLabel, nodesOf } from './nodes.ts'
import type { NodeRole } from './nodes.ts'
import { secretObjects } from './secrets.ts'
import { silentStep } from './silent.ts'
import { timeSteps } from './time.ts'

/** The life of the nodes: hypervisors and agents come up, are seen by Nova and Neutron, and are mapped into the cell. */
export function computeSteps(scope: Scope): Step[] {
  const novaContext = serviceContext(scope, nova)
  const neutronContext = serviceContext(scope, neutron)
  const silent = silentNodes(scope)
  const hypervisors = nodesOf(scope, 'hypervisor').filter((node) => !silent.has(node))
  return [
    {
      id: 'compute/libvirt',
      needs: [],
      objects: () => [...secretObjects(scope), ...libvirtObjects(scope, novaContext)],
      problem: () => missing(scope, 'hypervisor'),
    },
    // nova-compute waits 10 s a time for a conductor that is not there.
    {
      id: 'compute/nova-compute',
      needs: ['nova/config', 'nova/messaging', 'nova/conductor', 'compute/libvirt'],
      objects: () => novaCompute(scope, novaContext),
    },
    // The answer says which hosts are in no cell yet; a Job maps them, and when it has ended the question is asked again.
    {
      id: 'compute/services',
      needs: ['nova/api', 'nova/identity', 'placement/api', 'placement/identity', 'compute/nova-compute'],
      outside: () => ({ kind: 'compute', want: hypervisors }),
      objects: () => discoverJobs(scope, novaContext),
    },
    {
      id: 'neutron/linuxbridge-agent',
      needs: ['neutron/config', 'neutron/messaging', 'neutron/rpc-server'],
      objects: () => [interfacesSecret(scope), ...linuxbridgeAgent(scope, neutronContext)],
    },
    // Nothing needs it: what a node lacks concerns some networks, and all others go on.
    { id: 'neutron/nodes', needs: ['neutron/linuxbridge-agent'], objects: () => [nodeCheck(scope, neutronContext)] },
    {
      id: 'neutron/network-agents',
      needs: ['neutron/config', 'neutron/messaging', 'neutron/rpc-server'],
      objects: () => networkAgents(scope, neutronContext),
      problem: () => missing(scope, 'network'),
    },
    {
      id: 'neutron/agents',
      needs: ['neutron/api', 'neutron/identity', 'neutron/linuxbridge-agent', 'neutron/network-agents'],
      outside: () => ({ kind: 'agents', want: agentWants(scope) }),
    },
    silentStep(scope),
    ...timeSteps(scope),
  ]
}

function missing(scope: Scope, role: NodeRole): Problem | undefined {
  if (nodesOf(scope, role).length > 0) return undefined
  const what = role === 'hypervisor' ? 'runs guests' : 'runs the DHCP, L3 and metadata agents'
  return { reason: role === 'hypervisor' ? 'NoHypervisorNode' : 'NoNetworkNode', message: `no node ${what}: ${howToLabel(scope, role)}` }
}

/** The Job that maps new hosts into the cell; none where there is nothing to map. */
function discoverJobs(scope: Scope, context: Context): KubeObject[] {
  const facts = scope.outside('compute/services')?.data?.compute ?? []
  const hosts = facts.filter(({ mapped, registered }) => registered && !mapped).map(({ host }) => host)
  if (hosts.length === 0) return []
  const process = context.program({ args: ['nova-manage', 'cell_v2', 'discover_hosts', '--verbose'] })
  return [job(scope, 'nova-discover', 'nova', process, { meaning: hosts })]
}

function agentWants(scope: Scope): AgentWant[] {
  const silent = silentNodes(scope)
  const want = (binary: string, host: string): AgentWant => ({ binary, host, ...(silent.has(host) ? { silent: true } : {}) })
  const network = nodesOf(scope, 'network')
  return [
    ...nodesOf(scope, 'hypervisor', 'network').map((host) => want('neutron-linuxbridge-agent', host)),
    ...networkAgentKinds(scope).flatMap((kind) => network.map((host) => want(`neutron-${kind}-agent`, host))),
  ]
}
