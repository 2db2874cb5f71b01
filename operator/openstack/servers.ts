import type { BootstrapServer } from '../api/v1alpha1/index.ts'
import type { Change, Ensured } from './change.ts'
import { DeclarationError, isStatus } from './error.ts'
import { listFlavorIds } from './flavors.ts'
import { ensureFloatingIp, listFloating } from './floating-ips.ts'
import type { Floating } from './floating-ips.ts'
import { DEFAULT_DOMAIN } from './identity-wants.ts'
import { listImages, pickImage } from './images.ts'
import type { Session } from './session.ts'

/** A server, with the login of the user that makes it. Domains default to `Default`. */
export type ServerWant = BootstrapServer & {
  readonly userDomain?: string
  readonly projectDomain?: string
  /** The user's. */
  readonly password: string
}

/** A wanted server as Nova has it. */
export interface ServerFacts {
  readonly name: string
  readonly project: string
  readonly id: string
  /** Nova's word: `BUILD`, `ACTIVE`, `SHUTOFF`, `ERROR`, … */
  readonly status: string
  /** It is there, with a floating IP if it wants one. A server that somebody has stopped is as ready: that was its user's wish. */
  readonly ready: boolean
  /** What it waits for, or what went wrong. */
  readonly message: string
  /** Nova gave it up; the message says why. */
  readonly failed: boolean
  readonly addresses: readonly string[]
  readonly floatingIp?: string
}

export interface ServersResult extends Ensured {
  /** In the order of the wants. */
  readonly servers: readonly ServerFacts[]
}

/** An element of GET /servers/detail. */
export interface ListedServer {
  readonly id: string
  readonly name: string
  readonly status: string
  /** ISO 8601, UTC. */
  readonly updated: string
  readonly 'OS-SRV-USG:launched_at'?: string | null
  readonly 'OS-EXT-STS:task_state'?: string | null
  readonly fault?: { readonly message?: string }
  readonly addresses: Readonly<Record<string, readonly { readonly addr: string; readonly 'OS-EXT-IPS:type'?: string }[]>>
}

/** From 2.37 on `networks` must be given; 2.79 is well within Zed's (2.93). */
const MICROVERSION = '2.79'

/** A server that failed before it ever ran is made again after so long, in ms: seldom enough not to fill Nova's tables. */
const REBUILD_AFTER = 120_000

/**
 * Makes the servers that are missing, each as its own user, and gives them floating IPs. Does not wait for them: ask again until all are ready.
 * One that exists is not changed, but one that Nova gave up before it ever ran is deleted after two minutes and made again.
 * The logins of the users are derived from `session` and kept by it.
 */
export async function ensureServers(session: Session, wants: readonly ServerWant[], signal?: AbortSignal): Promise<ServersResult> {
  const changes: Change[] = []
  const byLogin = Map.groupBy(wants, ({ user, userDomain, project, projectDomain }) => JSON.stringify([user, userDomain, project, projectDomain]))
  const groups = await Promise.all(
    [...byLogin.values()].map(async (wanted) => {
      const [first] = wanted
      return first === undefined ? [] : ensureAsUser(loginAs(session, first), wanted, session.options.now ?? Date.now, changes, signal)
    }),
  )
  const facts = groups.flat()
  return { changes, servers: wants.flatMap((want) => facts.filter(({ name, project }) => name === want.name && project === want.project)) }
}

function loginAs(session: Session, { user, userDomain = DEFAULT_DOMAIN, password, project, projectDomain = DEFAULT_DOMAIN }: ServerWant): Session {
  return session.as({ username: user, userDomain, password, scope: { project, domain: projectDomain } })
}

async function ensureAsUser(
  session: Session,
  wants: readonly ServerWant[],
  now: () => number,
  changes: Change[],
  signal?: AbortSignal,
): Promise<ServerFacts[]> {
  const [listed, floating] = await Promise.all([
    session.list<ListedServer>('compute', '/servers/detail', 'servers', { microversion: MICROVERSION, signal }),
    wants.some(({ floatingNetwork }) => floatingNetwork !== undefined) ? listFloating(session, signal) : undefined,
  ])
  const make = creator(session, changes, signal)
  return Promise.all(
    wants.map(async (want) => {
      const found = pickServer(listed, want.name)
      if (found === undefined) {
        await make(want)
        return factsOf(want, undefined, undefined)
      }
      if (neverRan(found) && now() - Date.parse(found.updated) > REBUILD_AFTER) {
        await session.request('compute', 'DELETE', `/servers/${found.id}`, { microversion: MICROVERSION, signal })
        changes.push({ action: 'deleted', kind: 'server', name: want.name })
        return { ...factsOf(want, found, undefined), message: `server ${want.name} failed (${faultOf(found)}) and is being made again` }
      }
      const address = await giveAddress(session, want, found, floating, changes, signal)
      return factsOf(want, found, address)
    }),
  )
}

async function giveAddress(
  session: Session,
  want: ServerWant,
  server: ListedServer,
  floating: Floating | undefined,
  changes: Change[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (want.floatingNetwork === undefined || floating === undefined || server.status === 'ERROR') return undefined
  try {
    return await ensureFloatingIp(session, { server: server.name, serverId: server.id, network: want.floatingNetwork }, floating, changes, signal)
  } catch (error) {
    // The port goes away together with a server that was deleted meanwhile.
    if (isStatus(error, 404)) return undefined
    throw error
  }
}

/** Makes servers. What their flavors, images and networks are called is looked up when the first one is made. */
function creator(session: Session, changes: Change[], signal?: AbortSignal): (want: ServerWant) => Promise<void> {
  let names: ReturnType<typeof lookUp> | undefined
  return async (want) => {
    names ??= lookUp(session, signal)
    const { flavors, images, networks } = await names
    const { name, keyPair, securityGroups } = want
    const body = {
      name,
      flavorRef: known(flavors[want.flavor], 'flavor', want.flavor, want),
      imageRef: known(pickImage(images, want.image)?.id, 'image', want.image, want),
      networks: want.networks.map((network) => ({ uuid: known(networks[network], 'network', network, want) })),
      security_groups: securityGroups.map((group) => ({ name: group })),
      ...(keyPair === undefined ? {} : { key_name: keyPair }),
    }
    await session.request('compute', 'POST', '/servers', { json: { server: body }, microversion: MICROVERSION, signal })
    changes.push({ action: 'created', kind: 'server', name })
  }
}

async function lookUp(session: Session, signal?: AbortSignal) {
  const [flavors, images, networks] = await Promise.all([
    listFlavorIds(session, signal),
    listImages(session, {}, signal),
    session.list<{ id: string; name: string }>('network', '/v2.0/networks', 'networks', { signal }),
  ])
  return { flavors, images, networks: Object.fromEntries(networks.map(({ name, id }) => [name, id])) }
}

function known(id: string | undefined, kind: string, name: string, want: ServerWant): string {
  if (id === undefined) throw new DeclarationError('NotFound', `server ${want.name}: user ${want.user} sees no ${kind} ${name} in project ${want.project}`)
  return id
}

/** The server that a name stands for: of several one that has not failed. Pure. */
export function pickServer(listed: readonly ListedServer[], name: string): ListedServer | undefined {
  const named = listed.filter((server) => server.name === name && server.status !== 'DELETED' && server['OS-EXT-STS:task_state'] !== 'deleting')
  return named.find(({ status }) => status !== 'ERROR') ?? named[0]
}

function neverRan(server: ListedServer): boolean {
  return server.status === 'ERROR' && (server['OS-SRV-USG:launched_at'] ?? null) === null
}

function faultOf({ fault }: ListedServer): string {
  return fault?.message ?? 'Nova gives no reason'
}

/** What is to be said of a server. Pure. */
export function factsOf(
  want: Pick<ServerWant, 'name' | 'project' | 'floatingNetwork'>,
  server: ListedServer | undefined,
  floatingIp: string | undefined,
): ServerFacts {
  const { name, project, floatingNetwork } = want
  if (server === undefined)
    return { name, project, id: '', status: 'BUILD', ready: false, failed: false, message: `server ${name} was asked for`, addresses: [] }
  const { id, status } = server
  const failed = status === 'ERROR'
  const building = status === 'BUILD' || status === 'UNKNOWN'
  const waitsForAddress = floatingNetwork !== undefined && floatingIp === undefined
  const all = Object.values(server.addresses).flat()
  const message = failed
    ? `server ${name} failed: ${faultOf(server)}; delete it, and it is made again`
    : building
      ? `server ${name} is being built (${server['OS-EXT-STS:task_state'] ?? status})`
      : waitsForAddress
        ? `server ${name} waits for a floating IP of network ${floatingNetwork}`
        : `server ${name} is ${status}`
  return {
    name,
    project,
    id,
    status,
    ready: !failed && !building && !waitsForAddress,
    failed,
    message,
    addresses: all.filter((address) => address['OS-EXT-IPS:type'] !== 'floating').map(({ addr }) => addr),
    ...(floatingIp === undefined ? {} : { floatingIp }),
  }
}
