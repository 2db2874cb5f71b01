import type { Change, Ensured } from './change.ts'
import { idOf, listProjectIds } from './identity.ts'
import { DEFAULT_DOMAIN } from './identity-wants.ts'
import { comparableSubnet, externalNetworkId, gatewayNetwork, subnetId, wantedNetwork, wantedRouter, wantedSubnet } from './network-wants.ts'
import type { NetworksWant, RouterWant } from './network-wants.ts'
import { converge, listAll } from './resource.ts'
import type { Collection, Listed } from './resource.ts'
import type { Session } from './session.ts'

export type { NetworksWant, NetworkWant, RouterWant } from './network-wants.ts'

const networks: Collection = { service: 'network', path: '/v2.0/networks', singular: 'network', plural: 'networks', update: 'PUT' }
const subnets: Collection = { service: 'network', path: '/v2.0/subnets', singular: 'subnet', plural: 'subnets', update: 'PUT' }
const routers: Collection = { service: 'network', path: '/v2.0/routers', singular: 'router', plural: 'routers', update: 'PUT' }
const ports: Collection = { service: 'network', path: '/v2.0/ports', singular: 'port', plural: 'ports', update: 'PUT' }

/**
 * Makes networks, subnets and routers, mends what Neutron can change, and throws a DeclarationError that names the field where it cannot.
 * Further subnets and router interfaces that somebody has added are left alone, and so is the gateway of a router that declares none.
 */
export async function ensureNetworks(session: Session, want: NetworksWant, signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  if (want.networks.length + want.routers.length === 0) return { changes }
  const [projectOf, networkList, subnetList, routerList, interfaces] = await Promise.all([
    projectFinder(session, want, signal),
    listAll(session, networks, {}, signal),
    listAll(session, subnets, {}, signal),
    want.routers.length > 0 ? listAll(session, routers, {}, signal) : [],
    want.routers.length > 0 ? listAll(session, ports, { device_owner: 'network:router_interface' }, signal) : [],
  ])
  const networkIds = await converge(
    session,
    networks,
    want.networks.map((network) => wantedNetwork(network, projectOf(network))),
    networkList,
    changes,
    signal,
  )
  const wantedSubnets = want.networks.flatMap((network, index) =>
    network.subnets.map((subnet) => wantedSubnet(subnet, networkIds[index] ?? '', projectOf(network))),
  )
  const subnetIds = await converge(session, subnets, wantedSubnets, subnetList.map(comparableSubnet), changes, signal)
  if (want.routers.length === 0) return { changes }

  // What was just made, as the lists would show it: they were asked for once.
  const allNetworks = merged(
    networkList,
    want.networks.map((network, index) => ({ id: networkIds[index] ?? '', name: network.name, 'router:external': network.external })),
  )
  const allSubnets = merged(
    subnetList,
    wantedSubnets.map(({ name, initial }, index) => ({ id: subnetIds[index] ?? '', name, project_id: initial?.['project_id'] })),
  )
  const routerIds = await converge(
    session,
    routers,
    want.routers.map((router) => wantedRouter(router, projectOf(router))),
    routerList,
    changes,
    signal,
  )
  await Promise.all(
    want.routers.map(async (router, index) => {
      const id = routerIds[index] ?? ''
      const before = routerList.find((listed) => listed.id === id)
      await ensureGateway(session, router, id, gatewayNetwork(before), allNetworks, changes, signal)
      // One after the other: each locks the router.
      for (const name of router.subnets) {
        const subnet = subnetId(allSubnets, name, projectOf(router))
        if (interfaces.some((port) => port['device_id'] === id && onSubnet(port, subnet))) continue
        await session.request('network', 'PUT', `${routers.path}/${id}/add_router_interface`, { json: { subnet_id: subnet }, signal })
        changes.push({ action: 'created', kind: 'router interface', name: `${router.name} → ${name}` })
      }
    }),
  )
  return { changes }
}

async function ensureGateway(
  session: Session,
  { name, externalNetwork }: RouterWant,
  id: string,
  current: string | undefined,
  allNetworks: readonly Listed[],
  changes: Change[],
  signal?: AbortSignal,
): Promise<void> {
  if (externalNetwork === undefined) return
  const network = externalNetworkId(allNetworks, externalNetwork)
  if (network === current) return
  await session.request('network', 'PUT', `${routers.path}/${id}`, { json: { router: { external_gateway_info: { network_id: network } } }, signal })
  changes.push({ action: 'updated', kind: 'router', name, fields: ['external_gateway_info'] })
}

/** How the project of a want is found; Keystone is asked only when one is named. */
async function projectFinder(session: Session, want: NetworksWant, signal?: AbortSignal) {
  const named = [...want.networks, ...want.routers].some(({ project }) => project !== undefined)
  const [own, ids] = await Promise.all([session.projectId(signal), named ? listProjectIds(session, signal) : {}])
  return ({ project, projectDomain = DEFAULT_DOMAIN }: { readonly project?: string; readonly projectDomain?: string }): string =>
    project === undefined ? own : idOf(ids, 'project', project, projectDomain)
}

function merged(listed: readonly Listed[], made: readonly Listed[]): Listed[] {
  const ids = new Set(made.map(({ id }) => id))
  return [...listed.filter(({ id }) => !ids.has(id)), ...made]
}

function onSubnet({ fixed_ips: addresses }: Listed, subnet: string): boolean {
  return Array.isArray(addresses) && addresses.some(({ subnet_id: id }: { subnet_id?: string }) => id === subnet)
}
