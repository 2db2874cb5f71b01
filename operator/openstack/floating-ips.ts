import type { Change } from './change.ts'
import { DeclarationError } from './error.ts'
import { externalNetworkId } from './network-wants.ts'
import type { Listed } from './resource.ts'
import type { Session } from './session.ts'

/** What Neutron has, as it concerns floating IPs of one project; listed once for all of its servers. */
export interface Floating {
  readonly networks: readonly Listed[]
  readonly ports: readonly Listed[]
  readonly addresses: readonly Listed[]
}

/** Lists networks, ports and floating IPs that the session sees. */
export async function listFloating(session: Session, signal?: AbortSignal): Promise<Floating> {
  const [networks, ports, addresses] = await Promise.all([
    session.list<Listed>('network', '/v2.0/networks', 'networks', { signal }),
    session.list<Listed>('network', '/v2.0/ports', 'ports', { signal }),
    session.list<Listed>('network', '/v2.0/floatingips', 'floatingips', { signal }),
  ])
  return { networks, ports, addresses }
}

/** What is to be done so that a server has a floating IP. */
export type FloatingAction =
  | { readonly do: 'nothing'; readonly address: string }
  | { readonly do: 'wait' }
  | { readonly do: 'associate'; readonly id: string; readonly address: string; readonly port: string }
  | { readonly do: 'create'; readonly network: string; readonly port: string; readonly description: string }

/** Which server's address is meant. */
export interface FloatingWant {
  readonly server: string
  readonly serverId: string
  /** Name of an external network. */
  readonly network: string
}

/**
 * Decides. An address that was made for a server of this name is used again, so that a server which is made anew keeps its address. Pure.
 * The server's first port on a network that is not external is the one that gets it; until Nova has made that port, there is nothing to do.
 */
export function planFloatingIp(want: FloatingWant, { networks, ports, addresses }: Floating): FloatingAction {
  const network = externalNetworkId(networks, want.network)
  const own = ports.filter((port) => port['device_id'] === want.serverId)
  const external = new Set(networks.filter((listed) => listed['router:external'] === true).map(({ id }) => id))
  const inner = own.find((port) => !external.has(String(port['network_id'])))
  const there = addresses.find((address) => address['floating_network_id'] === network && own.some(({ id }) => id === address['port_id']))
  if (there !== undefined) return { do: 'nothing', address: String(there['floating_ip_address']) }
  if (inner === undefined) {
    if (own.length === 0) return { do: 'wait' }
    throw new DeclarationError(
      'Refused',
      `server ${want.server} is attached only to external networks, so that it can have no floating IP of ${want.network}; attach it to a tenant network`,
    )
  }
  const description = `server ${want.server}`
  const free = addresses.find((address) => address['floating_network_id'] === network && address['port_id'] === null && address['description'] === description)
  if (free !== undefined) return { do: 'associate', id: free.id, address: String(free['floating_ip_address']), port: inner.id }
  return { do: 'create', network, port: inner.id, description }
}

/** Gives a server a floating IP, unless it has one. Returns it; `undefined` while the server has no port yet. */
export async function ensureFloatingIp(
  session: Session,
  want: FloatingWant,
  floating: Floating,
  changes: Change[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  const action = planFloatingIp(want, floating)
  switch (action.do) {
    case 'wait':
      return undefined
    case 'nothing':
      return action.address
    case 'associate': {
      await session.request('network', 'PUT', `/v2.0/floatingips/${action.id}`, { json: { floatingip: { port_id: action.port } }, signal })
      changes.push({ action: 'updated', kind: 'floating IP', name: action.address, fields: ['port_id'] })
      return action.address
    }
    case 'create': {
      const json = { floatingip: { floating_network_id: action.network, port_id: action.port, description: action.description } }
      const { floatingip } = await session.request<{ floatingip: { floating_ip_address: string } }>('network', 'POST', '/v2.0/floatingips', { json, signal })
      changes.push({ action: 'created', kind: 'floating IP', name: floatingip.floating_ip_address })
      return floatingip.floating_ip_address
    }
    default:
      throw new TypeError(`unknown action ${JSON.stringify(action satisfies never)}`)
  }
}
