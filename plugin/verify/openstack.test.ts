import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { Agent, Dispatcher } from 'undici'
import { listen } from '../../operator/openstack/test-server.ts'
import { cloudAfter } from '../test-cloud.ts'
import { openstackChecks } from './openstack.ts'

/** Nothing listens there. */
const NOWHERE = 'http://127.0.0.1:9'

/** Leads to one server, wherever a request wants to go. */
class Detour extends Dispatcher {
  readonly #origin: string
  readonly #agent = new Agent()
  requests = 0

  constructor(origin: string) {
    super()
    this.#origin = origin
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    this.requests += 1
    return this.#agent.dispatch({ ...options, origin: this.#origin }, handler)
  }
}

interface Play {
  readonly agentAlive?: boolean
  readonly computeState?: string
  readonly types?: readonly string[]
  readonly password?: string
  /** Services whose public URL cannot be reached. */
  readonly unreachable?: readonly string[]
}

/** Asks a played OpenStack: all of its services are one server. */
async function asked(t: TestContext, play: Play = {}) {
  const { types = ['compute', 'identity', 'image', 'network', 'placement'], unreachable = [] } = play
  const ready = cloudAfter(12)
  let url = ''
  const catalog = () => types.map((type) => ({ type, endpoints: ['public', 'internal'].map((each) => ({ interface: each, region: 'RegionOne', url })) }))
  const service = (binary: string, state = 'up') => ({ id: binary, binary, host: 'node-1', state, status: 'enabled' })
  const answers: Readonly<Record<string, () => unknown>> = {
    '/v3/auth/catalog': () => ({ catalog: catalog() }),
    '/os-services': () => ({ services: [service('nova-scheduler'), service('nova-conductor'), service('nova-compute', play.computeState)] }),
    '/v2.0/agents': () => ({ agents: [{ id: '1', binary: 'neutron-l3-agent', host: 'node-1', alive: play.agentAlive ?? true, admin_state_up: true }] }),
  }
  const answer = (request: IncomingMessage, body: string, response: ServerResponse) => {
    if (request.url === '/v3/auth/tokens') {
      if (!body.includes('"password":"right"')) return response.writeHead(401).end('{"error":{"message":"wrong"}}')
      const token = { expires_at: new Date(Date.now() + 3_600_000).toISOString(), user: { id: 'u' }, project: { id: 'p' }, catalog: catalog() }
      return response.writeHead(201, { 'x-subject-token': 'x' }).end(JSON.stringify({ token }))
    }
    const found = answers[request.url ?? '']
    // The root of an API: a list of versions, a page, or that one must log in first.
    return found === undefined ? response.writeHead(401).end('who are you?') : response.end(JSON.stringify(found()))
  }
  url = await listen(t, (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => answer(request, body, response))
  })
  const endpoints = (ready.status?.endpoints ?? []).map(({ service, internal }) => ({
    service,
    internal,
    public: unreachable.includes(service) ? NOWHERE : url,
  }))
  const services = new Detour(url)
  const cloud = { ...ready, status: { ...ready.status, endpoints } }
  const password = () => Promise.resolve(play.password ?? 'right')
  const results = await openstackChecks({ cloud, services, password, signal: new AbortController().signal })
  return { ...Object.fromEntries(results.map(({ name, ok, message }) => [name, `${ok ? 'ok' : 'bad'}: ${message}`])), proxied: services.requests }
}

test('all is asked at the public URLs where those can be reached', async (t) => {
  const seen: Record<string, unknown> = await asked(t)
  assert.match(String(seen['endpoint keystone']), /^ok: http:\/\/127\.0\.0\.1:\d+ answers$/)
  assert.equal(seen['token'], 'ok: issued for admin, at the public URLs')
  assert.equal(seen['catalogue'], 'ok: compute, identity, image, network, placement')
  assert.equal(seen['compute services'], 'ok: 1 nova-compute, 1 nova-conductor, 1 nova-scheduler')
  assert.equal(seen['network agents'], 'ok: 1 neutron-l3-agent')
  assert.equal(seen['proxied'], 0)
})

test('one that cannot be reached from here is told, and all is asked by way of the API server', async (t) => {
  const seen: Record<string, unknown> = await asked(t, { unreachable: ['nova'] })
  assert.match(String(seen['endpoint nova']), /^ok: answers by way of the API server only: from here, http:\/\/127\.0\.0\.1:9 does not answer: ECONNREFUSED/)
  assert.equal(seen['token'], 'ok: issued for admin, by way of the API server')
  assert.match(String(seen['network agents']), /^ok/)
  // The endpoint, the token, the catalogue, Nova's services, Neutron's agents.
  assert.equal(seen['proxied'], 5)
})

test('what is not as it should be fails by name', async (t) => {
  const seen: Record<string, unknown> = await asked(t, { agentAlive: false, computeState: 'down', types: ['identity', 'image', 'compute', 'network'] })
  assert.equal(seen['network agents'], 'bad: expected every agent to be alive, saw neutron-l3-agent on node-1')
  assert.equal(seen['compute services'], 'bad: expected every service to be up, saw nova-compute on node-1 down')
  assert.equal(seen['catalogue'], 'bad: expected public endpoints of placement in the catalogue, saw identity, image, compute, network')
})

test('without a token the rest says that it was not checked, and no password is told', async (t) => {
  const seen: Record<string, unknown> = await asked(t, { password: 'secret-of-ours' })
  assert.match(String(seen['token']), /^bad: keystone: POST .*\/v3\/auth\/tokens was answered with 401: wrong$/)
  assert.equal(seen['network agents'], 'bad: not checked: no token was issued')
  assert.doesNotMatch(JSON.stringify(seen), /secret-of-ours/)
})
