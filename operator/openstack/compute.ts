import { isStatus } from './error.ts'
import type { Session } from './session.ts'

/** A service of Nova. */
export interface ComputeService {
  readonly id: string
  /** `nova-compute`, `nova-conductor`, … */
  readonly binary: string
  readonly host: string
  /** It has reported itself within the last minute. */
  readonly up: boolean
  /** It may get new servers. */
  readonly enabled: boolean
  readonly disabledReason?: string
}

/** A hypervisor, as it concerns the operator. */
export interface HypervisorFacts {
  readonly host: string
  readonly up: boolean
  /** nova-compute has made its records, so that the host can be mapped into a cell. */
  readonly registered: boolean
  /** In a cell, so that the scheduler can use it. */
  readonly mapped: boolean
  /** Number of servers on it. */
  readonly servers: number
  /** New servers may be put on it. */
  readonly enabled?: boolean
  readonly disabledReason?: string
  /** As its nova-compute counts them, once it has. */
  readonly vcpus?: Amount
  /** In MiB. What is set aside for the node itself is used. */
  readonly memory?: Amount
  /** Servers of a host that is down; at most `LISTED_GUESTS`. */
  readonly guests?: readonly Guest[]
}

/** So much of something, of so much. */
export interface Amount {
  readonly used: number
  readonly total: number
}

/** A server of a host that is down, in Nova's own words. */
export interface Guest {
  readonly id: string
  readonly name: string
  /** As Nova knew it last, e.g. `ACTIVE`. */
  readonly status: string
  /** What Nova knows of its host: `UNKNOWN` where that is silent, `DOWN` where somebody has said so. */
  readonly hostStatus: string
}

/** So many servers of a host that is down are named. */
export const LISTED_GUESTS = 100

/** An element of GET /os-services. */
interface ListedService {
  readonly id: string
  readonly binary: string
  readonly host: string
  readonly state: string
  readonly status: string
  readonly disabled_reason: string | null
}

/** An element of GET /os-hypervisors. Nova leaves out hosts that are in no cell. */
export interface ListedHypervisor {
  readonly service?: { readonly host: string }
  readonly servers?: readonly unknown[]
  readonly vcpus?: number
  readonly vcpus_used?: number
  readonly memory_mb?: number
  readonly memory_mb_used?: number
}

/** An element of Placement's GET /resource_providers. */
export interface ResourceProvider {
  readonly name: string
}

/**
 * 2.53: ids are UUIDs, `with_servers`, services are changed by id; the detailed list names the host. 2.75: `servers` is there even when empty. From 2.88
 * on processors and memory are no longer in the list.
 */
const MICROVERSION = '2.75'

/** Services of Nova, all binaries. */
export async function listComputeServices(session: Session, signal?: AbortSignal): Promise<ComputeService[]> {
  const listed = await session.list<ListedService>('compute', '/os-services', 'services', { microversion: MICROVERSION, signal })
  return listed.map(({ id, binary, host, state, status, disabled_reason: reason }) => ({
    id,
    binary,
    host,
    up: state === 'up',
    enabled: status === 'enabled',
    disabledReason: reason ?? undefined,
  }))
}

/** Every host that runs nova-compute, and all services of Nova. */
export async function listHypervisors(
  session: Session,
  signal?: AbortSignal,
): Promise<{ readonly hypervisors: readonly HypervisorFacts[]; readonly services: readonly ComputeService[] }> {
  const [services, listed, { resource_providers: providers }] = await Promise.all([
    listComputeServices(session, signal),
    session.list<ListedHypervisor>('compute', '/os-hypervisors/detail', 'hypervisors', { query: { with_servers: true }, microversion: MICROVERSION, signal }),
    session.request<{ resource_providers: readonly ResourceProvider[] }>('placement', 'GET', '/resource_providers', { signal }),
  ])
  const facts = joinHypervisors(services, listed, providers)
  const hypervisors = await Promise.all(
    facts.map(async (fact) => (fact.up ? fact : { ...fact, guests: fact.servers === 0 ? [] : await listGuests(session, fact.host, signal) })),
  )
  return { hypervisors, services }
}

/** An element of GET /servers/detail, as administrators see it. */
interface ListedServer {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly host_status: string
}

/** The servers of a host. */
async function listGuests(session: Session, host: string, signal?: AbortSignal): Promise<Guest[]> {
  const query = { all_tenants: true, host, sort_key: 'uuid', sort_dir: 'asc', limit: LISTED_GUESTS }
  const { servers } = await session.request<{ servers: readonly ListedServer[] }>('compute', 'GET', '/servers/detail', {
    query,
    microversion: MICROVERSION,
    signal,
  })
  return servers.map(({ id, name, status, host_status: hostStatus }) => ({ id, name, status, hostStatus }))
}

/**
 * What services, hypervisors and resource providers say together. Pure. nova-compute makes its provider right after its record in the cell's
 * database, by which alone the host can be mapped; a provider is named by the hypervisor's host name, which may be the longer form of the host's.
 */
export function joinHypervisors(
  services: readonly ComputeService[],
  hypervisors: readonly ListedHypervisor[],
  providers: readonly ResourceProvider[],
): HypervisorFacts[] {
  return services
    .filter(({ binary }) => binary === 'nova-compute')
    .map(({ host, up, enabled, disabledReason }) => {
      const known = hypervisors.filter(({ service }) => service?.host === host)
      const registered = known.length > 0 || providers.some(({ name }) => name === host || name.startsWith(`${host}.`))
      const servers = known.reduce((sum, each) => sum + (each.servers?.length ?? 0), 0)
      const amounts = known[0] === undefined ? {} : amountsOf(known[0])
      return { host, up, registered, mapped: known.length > 0, servers, enabled, ...(disabledReason === undefined ? {} : { disabledReason }), ...amounts }
    })
}

function amountsOf({
  vcpus,
  vcpus_used: vcpusUsed,
  memory_mb: memory,
  memory_mb_used: memoryUsed,
}: ListedHypervisor): Pick<HypervisorFacts, 'vcpus' | 'memory'> {
  return {
    ...(vcpus === undefined || vcpusUsed === undefined ? {} : { vcpus: { used: vcpusUsed, total: vcpus } }),
    ...(memory === undefined || memoryUsed === undefined ? {} : { memory: { used: memoryUsed, total: memory } }),
  }
}

/**
 * Schedulers and conductors that are down while another of their kind is up. Pure. Hypervisors are none of them: one that is down is a node that
 * may come back with its guests.
 */
export function staleServices(services: readonly ComputeService[]): ComputeService[] {
  return services.filter(({ binary, up }) => binary !== 'nova-compute' && !up && services.some((other) => other.binary === binary && other.up))
}

/** Keeps new servers away from a host, or lets them in again. */
export async function setComputeServiceEnabled(session: Session, id: string, enabled: boolean, reason: string, signal?: AbortSignal): Promise<void> {
  const json = enabled ? { status: 'enabled' } : { status: 'disabled', disabled_reason: reason }
  await session.request('compute', 'PUT', `/os-services/${id}`, { json, microversion: MICROVERSION, signal })
}

/**
 * Forgets a nova-compute whose host is gone; Nova removes its mapping and its resource provider as well. Nova refuses (409) while it has servers.
 * One that is gone already is no error.
 */
export async function deleteComputeService(session: Session, id: string, signal?: AbortSignal): Promise<void> {
  try {
    await session.request('compute', 'DELETE', `/os-services/${id}`, { microversion: MICROVERSION, signal })
  } catch (error) {
    if (!isStatus(error, 404)) throw error
  }
}
