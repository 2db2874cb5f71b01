// What OpenStack's APIs say, asked without changing anything: at their public URLs, or where one of those cannot be reached from here, by way of the API server.

import type { Dispatcher } from 'undici'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { listAgents } from '../../operator/openstack/agents.ts'
import { Session } from '../../operator/openstack/session.ts'
import { servicesOf } from '../../operator/services/wanted.ts'
import { checked, expect } from './check.ts'
import type { CheckResult } from './check.ts'
import { reach, TIMEOUT } from './reach.ts'

/** What the checks need to ask. */
export interface Asker {
  readonly cloud: OpenStackCluster
  /** Sends requests to Services by way of the API server. */
  readonly services: Dispatcher
  /** The administrator's password. */
  readonly password: () => Promise<string>
  readonly signal: AbortSignal
}

/** Every check of OpenStack's APIs. */
export async function openstackChecks(asker: Asker): Promise<CheckResult[]> {
  const { cloud, services, password, signal } = asker
  const endpoints = cloud.status?.endpoints ?? []
  const reached = await Promise.all(endpoints.map((endpoint) => reach(endpoint, services, signal)))
  const keystone = endpoints.find(({ service }) => service === 'keystone')
  // With one of them out of reach, the catalogue's public URLs are of no use here.
  const outside = reached.every(({ outside }) => outside)
  const way = outside ? 'at the public URLs' : 'by way of the API server'
  const base = outside ? keystone?.public : keystone?.internal
  let session: Session | undefined
  const opened = (): Session => {
    if (session === undefined) throw new Error('not checked: no token was issued')
    return session
  }
  const token = await checked(
    'token',
    async () => {
      expect(base !== undefined, 'an endpoint of Keystone in the status', endpoints.map(({ service }) => service).join(', ') || 'none')
      const made = new Session({
        authUrl: `${base}/v3`,
        username: 'admin',
        password: await password(),
        scope: { project: 'admin' },
        interface: outside ? 'public' : 'internal',
        region: cloud.spec.region,
        timeout: TIMEOUT,
        ...(outside ? {} : { dispatcher: services }),
      })
      await made.token(signal)
      session = made
      return `issued for admin, ${way}`
    },
    signal,
  )
  const asked = [
    checked('catalogue', () => catalogue(cloud, opened(), signal), signal),
    checked('compute services', () => computeServices(opened(), signal), signal),
    checked('network agents', () => networkAgents(opened(), signal), signal),
    ...(cloud.spec.services.cinder.enabled ? [checked('volume services', () => volumeServices(opened(), signal), signal)] : []),
  ]
  return [...reached.map(({ result }) => result), token, ...(await Promise.all(asked))]
}

interface Entry {
  readonly type: string
  readonly endpoints: readonly { readonly interface: string }[]
}

async function catalogue({ spec }: OpenStackCluster, session: Session, signal: AbortSignal): Promise<string> {
  const { catalog } = await session.request<{ readonly catalog: readonly Entry[] }>('identity', 'GET', '/auth/catalog', { signal })
  const has = (type: string) => catalog.some((entry) => entry.type === type && entry.endpoints.some((endpoint) => endpoint.interface === 'public'))
  const missing = servicesOf(spec).flatMap(({ catalog: own }) => (own === undefined || has(own.type) ? [] : [own.type]))
  expect(missing.length === 0, `public endpoints of ${missing.join(', ')} in the catalogue`, catalog.map(({ type }) => type).join(', '))
  return catalog
    .map(({ type }) => type)
    .toSorted()
    .join(', ')
}

/** A service of Nova or Cinder, as both list them. */
interface ListedService {
  readonly binary: string
  readonly host: string
  readonly state: string
  readonly status: string
}

function up(services: readonly ListedService[], binaries: readonly string[]): string {
  for (const binary of binaries) {
    expect(
      services.some((service) => service.binary === binary && service.state === 'up'),
      `${binary} to be up`,
      'none that is',
    )
  }
  // Somebody who disables one knows why.
  const down = services.filter(({ state, status }) => state !== 'up' && status !== 'disabled').map(({ binary, host }) => `${binary} on ${host} down`)
  expect(down.length === 0, 'every service to be up', down.join(', '))
  return counted(services.map(({ binary }) => binary))
}

async function computeServices(session: Session, signal: AbortSignal): Promise<string> {
  return up(await session.list<ListedService>('compute', '/os-services', 'services', { signal }), ['nova-scheduler', 'nova-conductor'])
}

async function volumeServices(session: Session, signal: AbortSignal): Promise<string> {
  return up(await session.list<ListedService>('volumev3', '/os-services', 'services', { signal }), ['cinder-scheduler'])
}

async function networkAgents(session: Session, signal: AbortSignal): Promise<string> {
  const agents = await listAgents(session, signal)
  const dead = agents.filter(({ alive, enabled }) => enabled && !alive).map(({ binary, host }) => `${binary} on ${host}`)
  expect(agents.length > 0 && dead.length === 0, 'every agent to be alive', dead.join(', ') || 'no agents')
  return counted(agents.map(({ binary }) => binary))
}

/** `3 nova-compute, 1 nova-scheduler` */
function counted(names: readonly string[]): string {
  return [...Map.groupBy(names, (name) => name)]
    .map(([name, all]) => `${all.length} ${name}`)
    .toSorted()
    .join(', ')
}
