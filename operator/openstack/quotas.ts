import type { ProjectQuotas } from '../api/v1alpha1/index.ts'
import type { Change, Ensured } from './change.ts'
import { idOf, listProjectIds } from './identity.ts'
import { DEFAULT_DOMAIN } from './identity-wants.ts'
import { changedFields } from './resource.ts'
import type { Session } from './session.ts'

/** What a project may use at most; -1 is unlimited. What is not set is not cared for. */
export interface QuotaWant {
  readonly project: string
  readonly projectDomain?: string
  readonly quotas: ProjectQuotas
}

/** How much of a limit of a project is in use. */
export interface QuotaUse {
  readonly domain: string
  readonly project: string
  /** Type of the service, e.g. `compute`. */
  readonly type: string
  /** As the CR names the limit. */
  readonly resource: string
  /** -1 is unlimited. */
  readonly limit: number
  /** With what is reserved for what is just being made. */
  readonly used: number
}

/** How one service's quota API is asked. */
interface QuotaApi {
  readonly path: string
  /** What follows the project's id, where limits are to come with their use. */
  readonly detail: string
  /** Field that wraps the limits in requests and answers. */
  readonly wrap: string
  /** The service's own name of each limit. */
  readonly names: Readonly<Record<string, string>>
  readonly microversion?: string
  /** Sent with a change. */
  readonly extra?: Readonly<Record<string, unknown>>
}

/** By type of service. */
const apis: { readonly [Type in keyof ProjectQuotas]-?: QuotaApi & { readonly names: Record<keyof NonNullable<ProjectQuotas[Type]>, string> } } = {
  compute: {
    path: '/os-quota-sets',
    detail: '/detail',
    wrap: 'quota_set',
    names: {
      instances: 'instances',
      cores: 'cores',
      ramMiB: 'ram',
      keyPairs: 'key_pairs',
      metadataItems: 'metadata_items',
      serverGroups: 'server_groups',
      serverGroupMembers: 'server_group_members',
    },
    // From 2.57 on without the limits of nova-network and of injected files.
    microversion: '2.57',
    // Else Nova refuses a limit below what is in use; Neutron takes it, and what is there stays.
    extra: { force: true },
  },
  network: {
    path: '/v2.0/quotas',
    detail: '/details',
    wrap: 'quota',
    names: {
      networks: 'network',
      subnets: 'subnet',
      subnetPools: 'subnetpool',
      ports: 'port',
      routers: 'router',
      floatingIps: 'floatingip',
      securityGroups: 'security_group',
      securityGroupRules: 'security_group_rule',
      rbacPolicies: 'rbac_policy',
    },
  },
  volume: {
    path: '/os-quota-sets',
    detail: '?usage=true',
    wrap: 'quota_set',
    names: {
      volumes: 'volumes',
      gigabytes: 'gigabytes',
      perVolumeGigabytes: 'per_volume_gigabytes',
      snapshots: 'snapshots',
      backups: 'backups',
      backupGigabytes: 'backup_gigabytes',
      groups: 'groups',
    },
  },
}

/** Limits of each single thing, or of each user: no use of the project's adds up to them. */
const single = new Set(['keyPairs', 'metadataItems', 'serverGroupMembers', 'perVolumeGigabytes'])

/** A limit as it is listed with its use: Neutron calls that `used`, the others `in_use`. */
interface ListedLimit {
  readonly limit: number
  readonly in_use?: number
  readonly used?: number
  readonly reserved?: number
}

/** Makes the limits of projects as wanted; changes only those that differ. Tells how much of each wanted limit is in use. */
export async function ensureQuotas(
  session: Session,
  wants: readonly QuotaWant[],
  signal?: AbortSignal,
): Promise<Ensured & { readonly use: readonly QuotaUse[] }> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes, use: [] }
  const ids = await listProjectIds(session, signal)
  const found = wants.map((want) => ({ want, id: idOf(ids, 'project', want.project, want.projectDomain ?? DEFAULT_DOMAIN) }))
  const use = await Promise.all(
    found.flatMap(({ want, id }) => Object.entries(want.quotas).map(([type, limits]) => ensureLimits(session, { type, limits, id, want }, changes, signal))),
  )
  return { changes, use: use.flat() }
}

async function ensureLimits(
  session: Session,
  { type, limits, id, want }: { type: string; limits: Readonly<Record<string, number>>; id: string; want: QuotaWant },
  changes: Change[],
  signal?: AbortSignal,
): Promise<QuotaUse[]> {
  const { path, detail, wrap, names, microversion, extra }: QuotaApi = apis[type as keyof ProjectQuotas]
  const request = { signal, ...(microversion === undefined ? {} : { microversion }) }
  const wanted = Object.fromEntries(Object.entries(limits).map(([name, limit]) => [names[name] ?? name, limit]))
  const { [wrap]: listed = {} } = await session.request<Record<string, Record<string, ListedLimit | undefined>>>(type, 'GET', `${path}/${id}${detail}`, request)
  const have = Object.fromEntries(Object.entries(listed).map(([name, value]) => [name, value?.limit]))
  const use = Object.entries(limits).flatMap(([resource, limit]): QuotaUse[] => {
    const { in_use: inUse, used = inUse ?? 0, reserved = 0 } = listed[names[resource] ?? resource] ?? {}
    if (single.has(resource)) return []
    return [{ domain: want.projectDomain ?? DEFAULT_DOMAIN, project: want.project, type, resource, limit, used: used + reserved }]
  })
  const differing = changedFields(wanted, have)
  if (Object.keys(differing).length === 0) return use
  await session.request(type, 'PUT', `${path}/${id}`, { ...request, json: { [wrap]: { ...differing, ...extra } } })
  changes.push({ action: 'updated', kind: `${type} quota of project`, name: want.project, fields: Object.keys(differing) })
  return use
}
