import { dropDatabases, ensureDatabases } from '../backing/admin/mariadb.ts'
import { ensureMessaging } from '../backing/admin/rabbitmq.ts'
import { reach } from '../backing/admin/reach.ts'
import { Clocks } from '../chrony/clocks.ts'
import type { TimeWant } from '../chrony/clock.ts'
import { someOf } from '../config/some-of.ts'
import { serviceHost } from '../model/scope.ts'
import { cinder, glance, keystone, neutron, nova, placement } from '../services/index.ts'
import type { AgentWant, OutsideCall, Outcome } from '../model/outside.ts'
import { deleteAgent, forgottenAgents, listAgents, missingAgents } from '../openstack/agents.ts'
import { deleteComputeService, listHypervisors, staleServices } from '../openstack/compute.ts'
import { unregister } from '../openstack/catalogue.ts'
import type { ComputeService } from '../openstack/compute.ts'
import type { Change } from '../openstack/change.ts'
import { DeclarationError } from '../openstack/error.ts'
import { ensureFlavors } from '../openstack/flavors.ts'
import { ensureIdentity } from '../openstack/identity.ts'
import { ensureImages } from '../openstack/images.ts'
import type { ImageWant } from '../openstack/images.ts'
import { ensureKeyPairs } from '../openstack/keypairs.ts'
import { ensureNetworks } from '../openstack/networks.ts'
import { ensureQuotas } from '../openstack/quotas.ts'
import { missingRoles } from '../openstack/roles.ts'
import type { PolicyRoleWant } from '../openstack/roles.ts'
import { ensureSecurityGroups } from '../openstack/security-groups.ts'
import { ensureServers } from '../openstack/servers.ts'
import type { ServerWant } from '../openstack/servers.ts'
import { DEPENDS_ON_SELF_SERVICE, dependsMessage, selfServiceDependants } from '../openstack/self-service.ts'
import { Session } from '../openstack/session.ts'
import { ensureVolumeBackends } from '../openstack/volumes.ts'
import type { VolumeBackendWant } from '../openstack/volumes.ts'

/** When something that is under way outside of Kubernetes is asked for again, in ms: nothing there tells us by itself. */
const POLL = 1000
/** When something that a person must mend is looked at again, in ms, in case they have. */
const LOOK_AGAIN = 20_000
/** How often hypervisors and agents that were up are asked for, in ms: Nova and Neutron take a silent one for dead after about a minute. */
const HEARTBEAT = 30_000
/** How often clocks are looked at, in ms: chronyd asks its servers as often. */
const CLOCK_INTERVAL = 16_000

/** A service that has an API. */
interface WithApi {
  readonly name: string
  readonly endpoints: { readonly api: number }
}

/** Where one cloud's outside is, and how it is entered. */
export interface OutsideOptions {
  readonly namespace: string
  readonly region: string
  /** That of Keystone's administrator. */
  readonly password: string
}

/** The outside of one cloud: its clocks and its APIs, as seen from within Kubernetes. What a call says of its database and its broker is in the call. */
export class Outside {
  readonly #session: Session
  readonly #clocks = new Clocks()

  constructor({ namespace, region, password }: OutsideOptions) {
    const url = ({ name, endpoints }: WithApi) => `http://${serviceHost({ namespace }, `${name}-api`)}:${endpoints.api}`
    this.#session = new Session({
      authUrl: `${url(keystone)}/v3`,
      region,
      username: 'admin',
      password,
      scope: { project: 'admin' },
      // Its own Services, whatever the catalogue says: the catalogue is one of the things that are mended from here.
      endpoints: {
        compute: `${url(nova)}/v2.1`,
        image: url(glance),
        network: url(neutron),
        placement: url(placement),
        volume: `${url(cinder)}/v3`,
      },
    })
  }

  /** Makes a call. Throws what a retry may mend; what only a person can mend is a problem in the outcome. */
  async perform(call: OutsideCall, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#perform(call, signal)
    } catch (error) {
      if (!(error instanceof DeclarationError)) throw error
      return { ready: false, message: error.message, problem: { reason: error.reason, message: error.message }, recheckAfter: LOOK_AGAIN }
    }
  }

  async #perform(call: OutsideCall, signal: AbortSignal): Promise<Outcome> {
    const session = this.#session
    switch (call.kind) {
      case 'database':
        return database(await ensureDatabases(call.server, call.want, signal))
      case 'messaging':
        return messaging(await ensureMessaging(call.server, call.want, signal))
      case 'reach':
        await reach(call.want, call.field, signal)
        return { ready: true }
      case 'identity':
        return done(await ensureIdentity(session, call.want, signal))
      case 'drop-databases':
        return done(await dropDatabases(call.server, call.want, signal))
      case 'unregister':
        return done(await unregister(session, call.want, signal))
      case 'volume-backends':
        return volumeBackends(session, call.want, signal)
      case 'policy-roles':
        return policyRoles(session, call.want, signal)
      case 'quotas':
        return quotas(await ensureQuotas(session, call.want, signal))
      case 'flavors':
        return done(await ensureFlavors(session, call.want, signal))
      case 'networks':
        return done(await ensureNetworks(session, call.want, signal))
      case 'security-groups':
        return done(await ensureSecurityGroups(session, call.want, signal))
      case 'key-pairs':
        return done(await ensureKeyPairs(session, call.want, signal))
      case 'images':
        return images(session, call.want, signal)
      case 'servers':
        return servers(session, call.want, signal)
      case 'compute':
        return hypervisors(session, call.want, signal)
      case 'agents':
        return agents(session, call.want, signal)
      case 'time':
        return time(this.#clocks, call.want, signal)
      case 'self-service':
        return selfService(session, signal)
      default:
        throw new TypeError(`unknown kind of call ${JSON.stringify(call satisfies never)}`)
    }
  }
}

function done({ changes }: Pick<Outcome, 'changes'>): Outcome {
  return { ready: true, changes }
}

function database({ changes, load }: Awaited<ReturnType<typeof ensureDatabases>>): Outcome {
  return { ready: true, changes, ...(load ? { measured: { database: load } } : {}) }
}

function messaging({ changes, load }: Awaited<ReturnType<typeof ensureMessaging>>): Outcome {
  return { ready: true, changes, ...(load ? { measured: { queues: load } } : {}) }
}

function quotas({ changes, use }: Awaited<ReturnType<typeof ensureQuotas>>): Outcome {
  return { ready: true, changes, measured: { quotas: use } }
}

async function images(session: Session, wants: readonly ImageWant[], signal: AbortSignal): Promise<Outcome> {
  const { images: facts, changes, missing } = await ensureImages(session, wants, signal)
  const unready = wants.filter(({ name }) => facts[name]?.status !== 'active')
  const message = [...missing, ...unready.map(({ name }) => `image ${name} is ${facts[name]?.status ?? 'to be uploaded'}`)].join(', ')
  // What is to be uploaded is, although the kernel of another image is missing.
  const problem = missing.length === 0 ? {} : { problem: { reason: 'NotFound', message: missing.join(', ') } }
  return { ready: message === '', message, changes, data: { images: facts }, ...problem, ...(message === '' ? {} : { recheckAfter: LOOK_AGAIN }) }
}

async function servers(session: Session, wants: readonly ServerWant[], signal: AbortSignal): Promise<Outcome> {
  const { servers: facts, changes } = await ensureServers(session, wants, signal)
  const unready = facts.filter(({ ready }) => !ready)
  const failed = facts.find((server) => server.failed)
  const message = unready.map((server) => server.message).join(', ')
  return {
    ready: unready.length === 0,
    message,
    changes,
    ...(failed ? { problem: { reason: 'ServerFailed', message: failed.message } } : {}),
    ...(unready.length === 0 ? {} : { recheckAfter: failed ? LOOK_AGAIN : POLL }),
  }
}

async function policyRoles(session: Session, wants: readonly PolicyRoleWant[], signal: AbortSignal): Promise<Outcome> {
  const [missing] = await missingRoles(session, wants, signal)
  if (missing === undefined) return { ready: true }
  const { policy, role } = missing
  const message = `${policy} names the role ${role}, which Keystone does not have: declare it in identity.roles, or correct the policy; what runs is unchanged`
  return { ready: false, message, problem: { reason: 'RoleNotFound', message }, recheckAfter: LOOK_AGAIN }
}

/** Ready when every labelled node's nova-compute is up and in a cell. */
async function hypervisors(session: Session, hosts: readonly string[], signal: AbortSignal): Promise<Outcome> {
  const { hypervisors: facts, services } = await listHypervisors(session, signal)
  const measured = { workers: services.map(({ binary, host, up }) => ({ binary, host, up })) }
  const unready = hosts.flatMap((host) => {
    const fact = facts.find((each) => each.host === host)
    if (!fact?.up) return [`nova-compute on ${host} ${fact ? 'is down' : 'has not reported itself'}`]
    return fact.mapped ? [] : [`${host} is being mapped into the cell`]
  })
  if (unready.length > 0) return { ready: false, message: someOf(unready), data: { compute: facts }, measured, recheckAfter: POLL }
  return { ready: true, data: { compute: facts }, changes: await forgetPods(session, services, signal), measured, recheckAfter: HEARTBEAT }
}

/** Forgets schedulers and conductors whose pods are gone: each pod reports itself under its own name. */
async function forgetPods(session: Session, services: readonly ComputeService[], signal: AbortSignal): Promise<Change[]> {
  const stale = staleServices(services)
  await Promise.all(stale.map(({ id }) => deleteComputeService(session, id, signal)))
  return stale.map(({ binary, host }) => ({ action: 'deleted', kind: 'compute service', name: `${binary} on ${host}` }))
}

async function agents(session: Session, wants: readonly AgentWant[], signal: AbortSignal): Promise<Outcome> {
  const listed = await listAgents(session, signal)
  const missing = missingAgents(wants, listed)
  const forgotten = forgottenAgents(wants, listed)
  await Promise.all(forgotten.map(({ id }) => deleteAgent(session, id, signal)))
  const changes: Change[] = forgotten.map(({ binary, host }) => ({ action: 'deleted', kind: 'network agent', name: `${binary} on ${host}` }))
  const message = someOf(missing.map(({ binary, host }) => `${binary} on ${host} is not alive`))
  return { ready: missing.length === 0, message, changes, data: { agents: listed }, recheckAfter: missing.length === 0 ? HEARTBEAT : POLL }
}

/** Ready when each backend's services are up. A backend that was taken away with volumes on it is a problem: nobody can reach them. */
async function volumeBackends(session: Session, wants: readonly VolumeBackendWant[], signal: AbortSignal): Promise<Outcome> {
  const { changes, verdict, services } = await ensureVolumeBackends(session, wants, signal)
  const { awaited, down, inUse, abandoned } = verdict
  const problem = volumeProblem(down, inUse)
  const waits = awaited.length === 0 ? [] : [someOf(awaited.map((host) => `volume service ${host} has not reported itself`))]
  const message = [...waits, ...(problem ? [problem.message] : [])].join(', ')
  const ready = message === ''
  return {
    ready,
    message,
    changes,
    ...(problem ? { problem } : {}),
    data: { abandonedVolumeServices: abandoned },
    measured: { workers: services },
    recheckAfter: awaited.length > 0 ? POLL : ready ? HEARTBEAT : LOOK_AGAIN,
  }
}

function volumeProblem(down: readonly string[], inUse: readonly { readonly host: string; readonly volumes: number }[]): Outcome['problem'] {
  const [used] = inUse
  if (used !== undefined) {
    const backend = used.host.slice(used.host.indexOf('@') + 1)
    const message = `services.cinder.backends: ${backend} is no longer declared, and ${used.volumes} ${used.volumes === 1 ? 'volume is' : 'volumes are'} on it: declare it again, or do so, delete them, and take it away`
    return { reason: 'BackendInUse', message }
  }
  if (down.length === 0) return undefined
  const message = `volume service ${someOf(down)} is down: its driver cannot reach the backend, or its pod does not run; see the log of its pod`
  return { reason: 'BackendDown', message }
}

async function time(clocks: Clocks, want: TimeWant, signal: AbortSignal): Promise<Outcome> {
  const { clocks: found, message, problem } = await clocks.check(want, signal)
  const ready = message === '' && problem === undefined
  return { ready, message, ...(problem ? { problem } : {}), data: { time: found }, recheckAfter: message === '' ? CLOCK_INTERVAL : 2 * POLL }
}

async function selfService(session: Session, signal: AbortSignal): Promise<Outcome> {
  const found = await selfServiceDependants(session, signal)
  if (found.length === 0) return { ready: true }
  const message = dependsMessage(found)
  return { ready: false, message, problem: { reason: DEPENDS_ON_SELF_SERVICE, message }, recheckAfter: LOOK_AGAIN }
}
