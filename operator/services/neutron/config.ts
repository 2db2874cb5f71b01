import { mergeIni } from '../../config/ini.ts'
import type { Ini } from '../../config/ini.ts'
import { serviceHost } from '../../model/scope.ts'
import { privsep } from '../context.ts'
import type { Context } from '../context.ts'
import { api as nova } from '../nova/api.ts'
import { isSelfService } from './mode.ts'

const routed = (c: Context): boolean => isSelfService(c.scope)

/**
 * With it, a database query of Neutron 21 shows only a token for the system the objects of other projects (neutron_lib/db/utils.py), while every
 * policy wants one for a project: Nova and administrators would see nothing but their own. The policies themselves hold without it.
 */
const SCOPE = false

/** neutron.conf of the API, the RPC server and the agents. The agents run as root in their pods, so no helper elevates them. */
export function neutronConf(c: Context): Ini {
  const { mtu, physicalNetworks, dhcpAgentsPerNetwork, routers } = c.scope.spec.services.neutron
  return mergeIni(agentConf(c), c.authToken(), c.policy({ enforce_scope: SCOPE }), {
    database: { connection: c.database() },
    DEFAULT: {
      service_plugins: routed(c) ? 'router' : '',
      auth_strategy: 'keystone',
      // The largest of all: what a single network carries less is in ml2_conf.ini, and Neutron takes the smaller one.
      global_physnet_mtu: Math.max(mtu, ...physicalNetworks.map((network) => network.mtu ?? mtu)),
      dhcp_agents_per_network: dhcpAgentsPerNetwork,
      ...(routed(c) ? { l3_ha: routers.highAvailability, max_l3_agents_per_router: routers.agentsPerRouter } : {}),
      rpc_workers: 1,
      // Reports of agents are served by the one RPC worker: another process costs 130 MB and a small cloud has few agents.
      rpc_state_report_workers: 0,
    },
    // Neutron tells Nova when a port is plugged; a guest waits for that before it starts.
    nova: { ...c.login(), endpoint_type: 'internal' },
  })
}

/** neutron/privileged/__init__.py */
const privsepSections = ['privsep', 'privsep_dhcp_release', 'privsep_ovs_vsctl', 'privsep_namespace', 'privsep_conntrack', 'privsep_link']

/** neutron.conf of the agents: no database, no Keystone. */
export function agentConf(c: Context): Ini {
  return mergeIni(c.common(), privsep('/etc/neutron/neutron.conf', privsepSections), { DEFAULT: { core_plugin: 'ml2' } }, c.broker(), {
    DEFAULT: { state_path: '/var/lib/neutron' },
    agent: { root_helper: '' },
    // linuxbridge is "experimental" since Zed and refuses to start without this.
    experimental: { linuxbridge: true },
    oslo_concurrency: { lock_path: '/tmp' },
  })
}

/** ml2_conf.ini */
export function ml2Conf(c: Context): Ini {
  const { neutron } = c.scope.spec.services
  return {
    ml2: {
      type_drivers: routed(c) ? ['flat', 'vlan', 'vxlan', 'local'] : ['flat', 'vlan'],
      tenant_network_types: routed(c) ? neutron.tenantNetworkType : '',
      mechanism_drivers: routed(c) ? ['linuxbridge', 'l2population'] : ['linuxbridge'],
      extension_drivers: 'port_security',
      path_mtu: neutron.mtu,
      physical_network_mtus: neutron.physicalNetworks.map(({ name, mtu = neutron.mtu }) => `${name}:${mtu}`),
    },
    ml2_type_flat: { flat_networks: neutron.physicalNetworks.map(({ name }) => name) },
    ml2_type_vlan: { network_vlan_ranges: neutron.physicalNetworks.map(({ name }) => name) },
    ml2_type_vxlan: { vni_ranges: `${neutron.vniRange.start}:${neutron.vniRange.end}` },
    securitygroup: { enable_ipset: true },
  }
}

/** linuxbridge_agent.ini. What is of one node (the interfaces of the physical networks, the address of the tunnel) is told to the agent on that node. */
export function linuxbridgeAgentConf(c: Context): Ini {
  return {
    vxlan: { enable_vxlan: routed(c), l2_population: routed(c) },
    securitygroup: { firewall_driver: 'iptables', enable_security_group: true, enable_ipset: true },
    // A guest that has moved is wired up at the agent's next look, and nobody reaches it until then. Neutron's own interval is 2 s.
    agent: { polling_interval: 1 },
  }
}

/** dhcp_agent.ini */
export function dhcpAgentConf(): Ini {
  return { DEFAULT: { interface_driver: 'linuxbridge', enable_isolated_metadata: true } }
}

/** l3_agent.ini */
export function l3AgentConf(): Ini {
  return { DEFAULT: { interface_driver: 'linuxbridge' } }
}

/** metadata_agent.ini */
export function metadataAgentConf(c: Context): Ini {
  return {
    DEFAULT: {
      nova_metadata_host: serviceHost(c.scope, 'nova-metadata'),
      nova_metadata_port: nova.ports.metadata,
      metadata_proxy_shared_secret: c.credential('nova.metadata-proxy'),
      metadata_workers: 1,
    },
  }
}
