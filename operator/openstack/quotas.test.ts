import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ensureQuotas } from './quotas.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

/** A Keystone, a Nova and a Neutron that remember limits, and what was sent to change them. Of everything, one is in use and one reserved. */
async function cloud(t: TestContext): Promise<{ session: Session; sent: unknown[] }> {
  const limits: Record<string, Record<string, unknown>> = { quota_set: { instances: 10, cores: 20 }, quota: { network: 100, port: 500 } }
  const sent: unknown[] = []
  const url = await listen(t, (request, response) => {
    const answer = (body: unknown) => response.end(JSON.stringify(body))
    const [, service = ''] = (request.url ?? '').split('/')
    if (request.url?.startsWith('/v3/auth')) {
      response.setHeader('x-subject-token', 'token')
      answer({ token: { expires_at: '2999-01-01T00:00:00Z', user: { id: 'admin' } } })
    } else if (request.url?.startsWith('/v3/domains')) answer({ domains: [{ id: 'default', name: 'Default' }] })
    else if (request.url?.startsWith('/v3/projects')) answer({ projects: [{ id: 'p', name: 'project', domain_id: 'default' }] })
    else {
      const wrap = service === 'compute' ? 'quota_set' : 'quota'
      if (request.method !== 'PUT') {
        assert.match(request.url ?? '', service === 'compute' ? /\/p\/detail$/ : /\/p\/details$/)
        const use = service === 'compute' ? { in_use: 1 } : { used: 1 }
        answer({ [wrap]: Object.fromEntries(Object.entries(limits[wrap] ?? {}).map(([name, limit]) => [name, { limit, ...use, reserved: 1 }])) })
      } else {
        let json = ''
        request.setEncoding('utf8').on('data', (part: string) => (json += part))
        request.on('end', () => {
          const body = JSON.parse(json) as Record<string, Record<string, unknown>>
          sent.push({ [request.url ?? '']: body })
          Object.assign(limits[wrap] ?? {}, body[wrap])
          answer({ [wrap]: limits[wrap] })
        })
      }
    }
  })
  const endpoints = { compute: `${url}/compute`, network: `${url}/network` }
  return { session: new Session({ authUrl: `${url}/v3`, username: 'admin', password: 'x', endpoints }), sent }
}

const want = { project: 'project', quotas: { compute: { instances: 10, cores: -1 }, network: { ports: 7 } } }

test('only limits that differ are changed, in each service’s own words, and once', async (t) => {
  const { session, sent } = await cloud(t)
  const { changes } = await ensureQuotas(session, [want])
  assert.equal(sent.length, 2)
  assert.ok(sent.some((each) => JSON.stringify(each) === '{"/compute/os-quota-sets/p":{"quota_set":{"cores":-1,"force":true}}}'))
  assert.ok(sent.some((each) => JSON.stringify(each) === '{"/network/v2.0/quotas/p":{"quota":{"port":7}}}'))
  const told = changes.map(({ kind, fields = [] }) => `${kind}: ${fields.join()}`)
  assert.deepEqual(new Set(told), new Set(['compute quota of project: cores', 'network quota of project: port']))
  assert.deepEqual((await ensureQuotas(session, [want])).changes, [])
  assert.equal(sent.length, 2)
})

test('the use of each limit is told, with what is reserved, but for limits of single things', async (t) => {
  const { session } = await cloud(t)
  const { use } = await ensureQuotas(session, [{ project: 'project', quotas: { compute: { instances: 10, cores: -1, keyPairs: 5 }, network: { ports: 7 } } }])
  const common = { domain: 'Default', project: 'project' }
  assert.deepEqual(use, [
    { ...common, type: 'compute', resource: 'instances', limit: 10, used: 2 },
    { ...common, type: 'compute', resource: 'cores', limit: -1, used: 2 },
    { ...common, type: 'network', resource: 'ports', limit: 7, used: 2 },
  ])
})

test('a service without declared limits is not asked', async (t) => {
  const { session, sent } = await cloud(t)
  await ensureQuotas(session, [{ project: 'project', quotas: {} }])
  assert.deepEqual(sent, [])
})

test('a project that is nowhere is named', async (t) => {
  const { session } = await cloud(t)
  await assert.rejects(ensureQuotas(session, [{ ...want, project: 'other' }]), /there is no project other in domain Default/)
})
