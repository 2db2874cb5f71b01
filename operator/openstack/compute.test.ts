import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingAgents } from './agents.ts'
import { joinHypervisors, listHypervisors, staleServices } from './compute.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

test('a host that Nova lists no hypervisor of is in no cell yet', () => {
  const service = { id: '1', binary: 'nova-compute', host: 'a', up: true, enabled: true }
  const seen = { up: true, enabled: true }
  const services = [
    service,
    { ...service, host: 'b' },
    { ...service, host: 'd', enabled: false, disabledReason: 'repair' },
    { ...service, binary: 'nova-conductor', host: 'c' },
  ]
  assert.deepEqual(
    joinHypervisors(
      services,
      [{ service: { host: 'a' }, servers: [{}, {}], vcpus: 8, vcpus_used: 3, memory_mb: 4096, memory_mb_used: 1024 }],
      [{ name: 'a' }, { name: 'd.example.com' }],
    ),
    [
      { ...seen, host: 'a', registered: true, mapped: true, servers: 2, vcpus: { used: 3, total: 8 }, memory: { used: 1024, total: 4096 } },
      { ...seen, host: 'b', registered: false, mapped: false, servers: 0 },
      { ...seen, host: 'd', registered: true, mapped: false, servers: 0, enabled: false, disabledReason: 'repair' },
    ],
  )
})

test('a conductor that is down is stale once another one is up; a hypervisor never is', () => {
  const service = { id: '1', binary: 'nova-conductor', host: 'old', up: false, enabled: true }
  const hypervisor = { ...service, binary: 'nova-compute' }
  assert.deepEqual(staleServices([service, hypervisor, { ...hypervisor, host: 'other', up: true }]), [])
  assert.deepEqual(staleServices([service, { ...service, host: 'new', up: true }]), [service])
})

test('an agent that is dead or on another host is missing', () => {
  const agent = { id: '1', binary: 'neutron-l3-agent', host: 'a', alive: true, enabled: true }
  const want = { binary: 'neutron-l3-agent', host: 'a' }
  assert.deepEqual(missingAgents([want], [agent]), [])
  assert.deepEqual(missingAgents([want], [{ ...agent, alive: false }]), [want])
  assert.deepEqual(missingAgents([want], [{ ...agent, host: 'b' }]), [want])
})

test('servers of a host that is down are listed in Nova’s own words; those of one that is up are not asked for', async (t) => {
  const asked: string[] = []
  const answers: Record<string, unknown> = {
    '/os-services': {
      services: ['a', 'b'].map((host) => ({
        id: host,
        binary: 'nova-compute',
        host,
        state: host === 'a' ? 'up' : 'down',
        status: 'enabled',
        disabled_reason: null,
      })),
    },
    '/os-hypervisors/detail': { hypervisors: ['a', 'b'].map((host) => ({ service: { host }, servers: [{}] })) },
    '/resource_providers': { resource_providers: [] },
    '/servers/detail': { servers: [{ id: '1', name: 'vm1', status: 'ACTIVE', host_status: 'UNKNOWN', 'OS-EXT-STS:vm_state': 'active' }] },
  }
  const url = await listen(t, (request, response) => {
    if (request.url === '/v3/auth/tokens') {
      const expires = new Date(Date.now() + 3_600_000).toISOString()
      response
        .writeHead(201, { 'x-subject-token': 't' })
        .end(JSON.stringify({ token: { expires_at: expires, catalog: [], user: { id: 'u' }, project: { id: 'p' } } }))
      return
    }
    const { pathname, search } = new URL(request.url ?? '', 'http://x')
    asked.push(`${pathname}${search}`)
    response.end(JSON.stringify(answers[pathname] ?? {}))
  })
  const scope = { project: 'admin' }
  const session = new Session({ authUrl: `${url}/v3`, region: 'r', username: 'admin', password: 'x', scope, endpoints: { compute: url, placement: url } })
  const { hypervisors, services } = await listHypervisors(session)
  const [up, down] = hypervisors
  assert.deepEqual(
    services.map(({ host, up: isUp }) => `${host} ${isUp}`),
    ['a true', 'b false'],
  )
  assert.equal(up?.guests, undefined)
  assert.deepEqual(down?.guests, [{ id: '1', name: 'vm1', status: 'ACTIVE', hostStatus: 'UNKNOWN' }])
  assert.deepEqual(
    asked.filter((path) => path.startsWith('/servers')),
    ['/servers/detail?all_tenants=true&host=b&sort_key=uuid&sort_dir=asc&limit=100'],
  )
})
