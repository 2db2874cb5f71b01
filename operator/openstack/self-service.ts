import { isStatus } from './error.ts'
import { listAll } from './resource.ts'
import type { Collection, Listed } from './resource.ts'
import type { Session } from './session.ts'

/** Reason of the problem that something needs what only the mode SelfService has. */
export const DEPENDS_ON_SELF_SERVICE = 'NetworksDependOnMode'

const networks: Collection = { service: 'network', path: '/v2.0/networks', singular: 'network', plural: 'networks', update: 'PUT' }
const routers: Collection = { service: 'network', path: '/v2.0/routers', singular: 'router', plural: 'routers', update: 'PUT' }
const floatingIps: Collection = { service: 'network', path: '/v2.0/floatingips', singular: 'floatingip', plural: 'floatingips', update: 'PUT' }

/** Types of networks that stand outside of the cloud, and so in both modes. */
const PHYSICAL: ReadonlySet<unknown> = new Set(['flat', 'vlan'])
/** So many are named in a message; the others are counted. */
const NAMED = 10

/** What depends on the mode SelfService, in words: networks that are on no physical one, routers and floating IPs. */
export async function selfServiceDependants(session: Session, signal?: AbortSignal): Promise<string[]> {
  const [networkList, routerList, addresses] = await Promise.all([
    listAll(session, networks, {}, signal),
    listKnown(session, routers, signal),
    listKnown(session, floatingIps, signal),
  ])
  return dependants(networkList, routerList, addresses)
}

/** Pure. */
export function dependants(networkList: readonly Listed[], routerList: readonly Listed[], addresses: readonly Listed[]): string[] {
  return [
    ...networkList.filter((network) => !PHYSICAL.has(network['provider:network_type'])).map((network) => `network ${nameOf(network)}`),
    ...routerList.map((router) => `router ${nameOf(router)}`),
    ...addresses.map((address) => `floating IP ${String(address['floating_ip_address'])}`),
  ].toSorted()
}

/** Why the mode stays as it is, with the remedy. */
export function dependsMessage(found: readonly string[]): string {
  const more = found.length > NAMED ? ` and ${found.length - NAMED} more` : ''
  return `services.neutron.mode: cannot become Provider while there are ${found.slice(0, NAMED).join(', ')}${more}: delete them, or set SelfService again; the cloud goes on as SelfService`
}

/** An API in mode Provider has no routers at all, and says 404. */
async function listKnown(session: Session, collection: Collection, signal?: AbortSignal): Promise<Listed[]> {
  try {
    return await listAll(session, collection, {}, signal)
  } catch (error) {
    if (isStatus(error, 404)) return []
    throw error
  }
}

function nameOf({ id, name }: Listed): string {
  return typeof name === 'string' && name !== '' ? name : id
}
