import type { Fields } from '../../api/v1alpha1/service.ts'

/** spec.services.neutron: which kinds of networks there are, and what they travel over. */
export function fields({ atomicList, map, mapList, networkType, rules, z }: Fields) {
  const interfaceName = () =>
    z
      .string()
      .min(1)
      .max(15)
      .regex(/^[^\s/:,]+$/)

  const mtu = () => z.int().min(1280).max(9216)

  const override = z.object({
    nodeSelector: map(z.string().max(63), 8)
      .meta(
        rules({
          rule: 'size(self) > 0',
          message: 'physicalNetworks[].overrides[].nodeSelector: must name at least one label; for one node it is kubernetes.io/hostname',
        }),
      )
      .describe('Labels that a node must have, all of them. Example: `{kubernetes.io/hostname: node-1}`.'),
    interface: interfaceName().describe('Network interface of these nodes that the physical network is reached by. Example: `ens3`.'),
  })

  const physicalNetwork = z.object({
    name: z
      .string()
      .min(1)
      .max(64)
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
      .describe('Name of the physical network, as `bootstrap.networks[].provider.physicalNetwork` and `openstack network create` use it. Example: `provider`.'),
    interface: interfaceName().describe(
      'Network interface of the nodes that it is reached by. It loses its address and becomes a port of a bridge, so it must not be the interface that Kubernetes uses. Example: `eth1`.',
    ),
    overrides: atomicList(override, 16)
      .default([])
      .describe(
        'Nodes on which it is reached by another interface. The first that a node fits counts. Can be changed at any time: the agents of these nodes restart.',
      ),
    mtu: mtu().optional().describe('Largest packet, in bytes, that it carries. Without it: `services.neutron.mtu`.'),
  })

  const tunnel = z
    .object({
      interface: interfaceName().optional().describe('Network interface whose first IPv4 address each node takes. Example: `eth2`.'),
      cidr: z
        .string()
        .min(9)
        .max(18)
        .optional()
        .describe('Each node takes its address in this network, on whatever interface that is. Example: `10.20.0.0/16`.'),
    })
    .meta(
      rules(
        { rule: '!has(self.interface) || !has(self.cidr)', message: 'services.neutron.tunnel: interface and cidr exclude each other: leave one of them out' },
        {
          rule: '!has(self.cidr) || isCIDR(self.cidr) && cidr(self.cidr).ip().family() == 4 && cidr(self.cidr) == cidr(self.cidr).masked()',
          message: 'services.neutron.tunnel.cidr: must be an IPv4 network such as 10.20.0.0/16, without bits set behind the prefix',
          fieldPath: '.cidr',
        },
      ),
    )

  const vniRange = z
    .object({
      start: z.int().min(1).max(16777215).default(1).describe('First VXLAN network identifier.'),
      end: z.int().min(1).max(16777215).default(1000).describe('Last VXLAN network identifier.'),
    })
    .meta(
      rules({
        rule: 'self.start <= self.end',
        message: 'services.neutron.vniRange.start: must not be greater than end',
        fieldPath: '.start',
      }),
    )

  return {
    physicalNetworks: mapList(physicalNetwork, 8, 'name')
      .min(1)
      .meta(
        rules({
          rule: 'self.all(a, self.exists_one(b, a.interface == b.interface))',
          message: 'services.neutron.physicalNetworks: two physical networks cannot share one interface',
        }),
      )
      .default([{ name: 'provider', interface: 'eth1', overrides: [] }])
      .describe('Networks outside of the cloud that the nodes are attached to.'),
    mode: z
      .enum(['SelfService', 'Provider'])
      .default('SelfService')
      .describe(
        '`SelfService`: projects make networks and routers of their own, with floating IPs. `Provider`: guests are attached to the physical networks only, and there are no L3 agents. Can be changed: to `Provider` only once there are no networks of projects, routers and floating IPs any more; until then the cloud goes on as it is.',
      ),
    tenantNetworkType: networkType('services.neutron.tenantNetworkType', 'vxlan', 'local')
      .default('vxlan')
      .describe('How networks that projects make for themselves travel between nodes: `vxlan` reaches all nodes, `local` stays on one.'),
    vniRange: vniRange.prefault({}).describe('VXLAN network identifiers for the networks of projects.'),
    tunnel: tunnel.prefault({}).describe("Which address of a node VXLAN packets leave from and arrive at. Empty: the node's own address in Kubernetes."),
    mtu: mtu()
      .default(1500)
      .describe(
        'Largest packet, in bytes, that the network between the nodes and the physical networks carry. VXLAN networks get 50 less. Networks that exist keep what they have.',
      ),
    dhcpAgentsPerNetwork: z
      .int()
      .min(1)
      .max(9)
      .default(2)
      .describe('DHCP agents that serve a network, each on another network node, as far as there are so many. Each takes an address of the network.'),
    routers: z
      .object({
        highAvailability: z
          .boolean()
          .default(false)
          .describe(
            'Whether a new router is on several network nodes: one carries its packets, and another takes over within seconds. Routers that exist stay as they are.',
          ),
        agentsPerRouter: z
          .int()
          .min(2)
          .max(9)
          .default(2)
          .describe('L3 agents that hold such a router, each on another network node, as far as there are so many.'),
      })
      .prefault({})
      .describe('How routers are spread over the network nodes.'),
  }
}
