import type { BootstrapNetwork, BootstrapRouter, BootstrapSubnet } from '../api/v1alpha1/index.ts'
import { DeclarationError } from './error.ts'
import type { Listed, Wanted } from './resource.ts'

/** `project` undefined: the project of the session. `projectDomain` defaults to `Default`. */
export type NetworkWant = BootstrapNetwork & { readonly projectDomain?: string }
export type RouterWant = BootstrapRouter & { readonly projectDomain?: string }

/** Networks with their subnets, and routers. */
export interface NetworksWant {
  readonly networks: readonly NetworkWant[]
  readonly routers: readonly RouterWant[]
}

/** A network in Neutron's words. */
export function wantedNetwork(want: NetworkWant, projectId: string): Wanted {
  const { name, shared, external, mtu, provider } = want
  const fixed =
    provider === undefined
      ? {}
      : {
          'provider:network_type': provider.type,
          'provider:physical_network': provider.physicalNetwork,
          'provider:segmentation_id': provider.segmentationId,
        }
  return { name, key: { name, project_id: projectId }, fields: { shared, 'router:external': external, mtu, admin_state_up: true }, fixed }
}

/** A subnet in Neutron's words. Without a gateway or pools in the want, Neutron chooses them, and what it chose stays. */
export function wantedSubnet(want: BootstrapSubnet, networkId: string, projectId: string): Wanted {
  const { name, cidr, gateway, pools, dhcp, dnsNameservers, ipv6AddressMode, ipv6RaMode } = want
  return {
    name,
    key: { name, network_id: networkId },
    fields: {
      gateway_ip: gateway,
      allocation_pools: pools.length === 0 ? undefined : sortPools(pools),
      enable_dhcp: dhcp,
      dns_nameservers: [...dnsNameservers],
    },
    fixed: { cidr, ip_version: cidr.includes(':') ? 6 : 4, ipv6_address_mode: ipv6AddressMode, ipv6_ra_mode: ipv6RaMode },
    initial: { project_id: projectId },
  }
}

/** A listed subnet with its pools in the order of `wantedSubnet`: Neutron gives them in any. */
export function comparableSubnet(subnet: Listed): Listed {
  const { allocation_pools: pools } = subnet
  return {
    ...subnet,
    allocation_pools: Array.isArray(pools) ? sortPools(pools.map(({ start, end }: { start: string; end: string }) => ({ start, end }))) : pools,
  }
}

function sortPools(pools: readonly { readonly start: string; readonly end: string }[]): { start: string; end: string }[] {
  return pools.map(({ start, end }) => ({ start, end })).toSorted((a, b) => a.start.localeCompare(b.start))
}

/** A router in Neutron's words. */
export function wantedRouter({ name }: RouterWant, projectId: string): Wanted {
  return { name, key: { name, project_id: projectId }, fields: { admin_state_up: true } }
}

/** The network that is a router's way out. */
export function gatewayNetwork(router: Listed | undefined): string | undefined {
  const info = router?.['external_gateway_info']
  return info !== null && typeof info === 'object' && 'network_id' in info && typeof info.network_id === 'string' ? info.network_id : undefined
}

/** The one external network of a name. */
export function externalNetworkId(networks: readonly Listed[], name: string): string {
  return only(
    networks.filter((network) => network['name'] === name && network['router:external'] === true),
    'external network',
    name,
  )
}

/** The subnet that a router of a project means by a name: one of its own project before one of another. */
export function subnetId(subnets: readonly Listed[], name: string, projectId: string): string {
  const named = subnets.filter((subnet) => subnet['name'] === name)
  const own = named.filter((subnet) => subnet['project_id'] === projectId)
  return only(own.length > 0 ? own : named, 'subnet', name)
}

function only(found: readonly Listed[], kind: string, name: string): string {
  const [first, ...others] = found
  if (first === undefined) throw new DeclarationError('NotFound', `there is no ${kind} ${name}`)
  if (others.length > 0) throw new DeclarationError('Ambiguous', `there are ${others.length + 1} of ${kind} ${name}: rename all but one`)
  return first.id
}
