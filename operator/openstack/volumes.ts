import type { Change, Ensured } from './change.ts'
import { converge, listAll, remove } from './resource.ts'
import type { Collection, Listed } from './resource.ts'
import type { Session } from './session.ts'

/** A place for volumes: its volume type has its name, and its services report themselves under these hosts. */
export interface VolumeBackendWant {
  readonly name: string
  /** As in `cinder@ceph`. */
  readonly hosts: readonly string[]
}

/** A service of Cinder. */
export interface VolumeService {
  /** `cinder-volume`, `cinder-scheduler`, `cinder-backup`. */
  readonly binary: string
  readonly host: string
  /** It has reported itself within the last minute, and its driver works. */
  readonly up: boolean
}

/** What is wrong with backends, and what is to be forgotten. */
export interface BackendVerdict {
  /** Hosts that have not reported themselves yet. */
  readonly awaited: readonly string[]
  /** Hosts that did once and no longer do. */
  readonly down: readonly string[]
  /** Hosts of backends that are no longer wanted, with volumes on them. */
  readonly inUse: readonly { readonly host: string; readonly volumes: number }[]
  /** Hosts of backends that are no longer wanted, silent and without volumes. */
  readonly abandoned: readonly string[]
}

const types: Collection = { service: 'volume', path: '/types', singular: 'volume_type', plural: 'volume_types', update: 'PUT', kind: 'volume type' }
/** The extra spec by which the scheduler finds the backend of a type. */
const BACKEND = 'volume_backend_name'

/** Makes a volume type for each backend and judges their services. */
export async function ensureVolumeBackends(
  session: Session,
  wants: readonly VolumeBackendWant[],
  signal?: AbortSignal,
): Promise<Ensured & { readonly verdict: BackendVerdict; readonly services: readonly VolumeService[] }> {
  const changes: Change[] = []
  const [listed, services] = await Promise.all([listAll(session, types, { is_public: 'None' }, signal), listVolumeServices(session, signal)])
  await ensureTypes(session, wants, listed, changes, signal)
  const backends = services.filter(({ binary }) => binary === 'cinder-volume')
  const unwanted = backends.filter(({ host }) => !wants.some(({ hosts }) => hosts.includes(host)))
  const verdict = judgeBackends(wants, backends, unwanted.length === 0 ? [] : await listVolumeHosts(session, signal))
  await Promise.all(forgottenTypes(wants, verdict.abandoned, listed).map(({ id, name }) => remove(session, types, id, String(name), changes, signal)))
  return { changes, verdict, services }
}

async function ensureTypes(
  session: Session,
  wants: readonly VolumeBackendWant[],
  listed: readonly Listed[],
  changes: Change[],
  signal?: AbortSignal,
): Promise<void> {
  const ids = await converge(
    session,
    types,
    wants.map(({ name }) => ({ name, key: { name }, fields: {}, initial: { extra_specs: { [BACKEND]: name }, 'os-volume-type-access:is_public': true } })),
    listed,
    changes,
    signal,
  )
  await Promise.all(
    wants.map(async ({ name }, index) => {
      const id = ids[index] ?? ''
      const there = listed.find((each) => each.id === id)
      if (there === undefined || backendOf(there) === name) return
      await session.request('volume', 'POST', `/types/${id}/extra_specs`, { json: { extra_specs: { [BACKEND]: name } }, signal })
      changes.push({ action: 'updated', kind: 'volume type', name, fields: [BACKEND] })
    }),
  )
}

function backendOf({ extra_specs: specs }: Listed): string | undefined {
  return typeof specs === 'object' && specs !== null && BACKEND in specs ? String(specs[BACKEND]) : undefined
}

async function listVolumeServices(session: Session, signal?: AbortSignal): Promise<VolumeService[]> {
  const listed = await session.list<{ binary: string; host: string; state: string }>('volume', '/os-services', 'services', { signal })
  return listed.map(({ binary, host, state }) => ({ binary, host, up: state === 'up' }))
}

/** The host of each volume there is, of all projects. */
async function listVolumeHosts(session: Session, signal?: AbortSignal): Promise<string[]> {
  const listed = await session.list<{ readonly 'os-vol-host-attr:host': string | null }>('volume', '/volumes/detail', 'volumes', {
    query: { all_tenants: true },
    signal,
  })
  return listed.map((volume) => volume['os-vol-host-attr:host'] ?? '')
}

/** What services and volumes say of backends. Pure. `services` are the volume services. A volume's host is that of its service, with `#pool` behind it. */
export function judgeBackends(
  wants: readonly VolumeBackendWant[],
  services: readonly Pick<VolumeService, 'host' | 'up'>[],
  volumeHosts: readonly string[],
): BackendVerdict {
  const wanted = wants.flatMap(({ hosts }) => hosts)
  const others = services.filter(({ host }) => !wanted.includes(host))
  const volumesOn = (host: string) => volumeHosts.filter((each) => each === host || each.startsWith(`${host}#`)).length
  return {
    awaited: wanted.filter((host) => !services.some((service) => service.host === host)),
    down: services.filter(({ host, up }) => wanted.includes(host) && !up).map(({ host }) => host),
    inUse: others.map(({ host }) => ({ host, volumes: volumesOn(host) })).filter(({ volumes }) => volumes > 0),
    // One that still reports itself is about to end; until then it would only come back.
    abandoned: others.filter(({ host, up }) => !up && volumesOn(host) === 0).map(({ host }) => host),
  }
}

/** Types of backends that are gone. Pure. Only those that we made: named like the backend that they are for. */
export function forgottenTypes(wants: readonly VolumeBackendWant[], abandoned: readonly string[], listed: readonly Listed[]): Listed[] {
  const gone = new Set(abandoned.map((host) => host.slice(host.indexOf('@') + 1)).filter((name) => !wants.some((want) => want.name === name)))
  return listed.filter((type) => typeof type['name'] === 'string' && gone.has(type['name']) && backendOf(type) === type['name'])
}
