import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { DeclarationError } from './error.ts'
import { authRequest, findEndpoint, nextQuery, Session } from './session.ts'
import type { SessionOptions } from './session.ts'
import { listen } from './test-server.ts'

const HOUR = 3_600_000
const START = Date.parse('2026-01-01T00:00:00Z')

/** A small Keystone with one more service behind the same port: enough to see when logins and requests are made. */
async function cloud(t: TestContext, options: Partial<SessionOptions> = {}) {
  const state = { logins: 0, now: START, revoked: new Set<string>(), paths: [] as string[], answer: (_url: string): unknown => ({}) }
  const origin = await listen(t, (request, response) => {
    const url = request.url ?? ''
    if (url === '/v3/auth/tokens') {
      state.logins += 1
      const catalog = [{ type: 'compute', endpoints: [{ interface: 'internal', region_id: 'R', url: `${origin}/v2.1/` }] }]
      const token = { expires_at: new Date(state.now + HOUR).toISOString(), user: { id: 'u' }, project: { id: 'p' }, catalog }
      response.writeHead(201, { 'x-subject-token': `token-${state.logins}` }).end(JSON.stringify({ token }))
      return
    }
    const token = String(request.headers['x-auth-token'])
    state.paths.push(url)
    if (state.revoked.has(token)) response.writeHead(401).end('{}')
    else response.end(JSON.stringify(state.answer(url)))
  })
  const session = new Session({ authUrl: `${origin}/v3`, username: 'admin', password: 'secret', now: () => state.now, ...options })
  return { state, session }
}

test('requests side by side share one login, and later ones its token', async (t) => {
  const { state, session } = await cloud(t)
  await Promise.all([session.request('compute', 'GET', '/a'), session.request('compute', 'GET', '/b')])
  await session.request('compute', 'GET', '/c')
  assert.deepEqual([state.logins, state.paths.toSorted(), await session.projectId()], [1, ['/v2.1/a', '/v2.1/b', '/v2.1/c'], 'p'])
})

test('a token is renewed before it expires', async (t) => {
  const { state, session } = await cloud(t)
  assert.equal(await session.token(), 'token-1')
  state.now += HOUR - 121_000
  assert.equal(await session.token(), 'token-1')
  state.now += 2000
  assert.equal(await session.token(), 'token-2')
})

test('a revoked token is replaced once; when the next one is refused as well, that is an error', async (t) => {
  const { state, session } = await cloud(t)
  await session.token()
  state.revoked.add('token-1')
  await session.request('compute', 'GET', '/a')
  assert.equal(state.logins, 2)
  state.revoked.add('token-2').add('token-3')
  await assert.rejects(session.request('compute', 'GET', '/b'), /nova: GET .*\/v2.1\/b was answered with 401/)
  assert.equal(state.logins, 3)
})

test('an endpoint that is not in the catalogue is asked for again with the next login', async (t) => {
  const { state, session } = await cloud(t, { region: 'R' })
  await assert.rejects(
    session.endpoint('image'),
    (error) => error instanceof DeclarationError && /no internal endpoint of type image in region R/.test(error.message),
  )
  await session.token()
  assert.equal(state.logins, 2)
})

test('endpoints that are given stand in for the catalogue', async (t) => {
  const { session } = await cloud(t, { endpoints: { image: 'http://glance:9292/' } })
  assert.equal(await session.endpoint('image'), 'http://glance:9292')
})

test('the same login asked for twice is one session with one token', async (t) => {
  const { state, session } = await cloud(t)
  const login = { username: 'myuser', password: 'x', scope: { project: 'myproject' } }
  assert.equal(session.as(login), session.as({ ...login }))
  assert.notEqual(session.as(login), session.as({ ...login, password: 'y' }))
  await session.as(login).token()
  await session.as(login).token()
  assert.equal(state.logins, 1)
})

test('a caller that gives up does not end the login of the others', async (t) => {
  const { session } = await cloud(t)
  const controller = new AbortController()
  const given = session.token(controller.signal)
  const waiting = session.token()
  controller.abort(new Error('enough'))
  await assert.rejects(given, /enough/)
  assert.equal(await waiting, 'token-1')
})

test('a list goes on to its last page', async (t) => {
  const { state, session } = await cloud(t)
  const pages: Record<string, unknown> = {
    '/v2.1/flavors?limit=2': { flavors: [1, 2], flavors_links: [{ rel: 'next', href: 'http://elsewhere/v2.1/flavors?limit=2&marker=2' }] },
    '/v2.1/flavors?limit=2&marker=2': { flavors: [3] },
  }
  state.answer = (url) => pages[url]
  assert.deepEqual(await session.list('compute', '/flavors', 'flavors', { query: { limit: 2 } }), [1, 2, 3])
  state.answer = () => ({})
  await assert.rejects(session.list('compute', '/flavors', 'flavors'), /expected a list flavors/)
})

test('the next page is found in the words of each service', () => {
  assert.deepEqual(nextQuery({ next: '/v2/images?marker=1' }, 'images'), { marker: '1' })
  assert.deepEqual(nextQuery({ links: { next: 'http://k/v3/users?marker=1', self: 'x' } }, 'users'), { marker: '1' })
  assert.equal(nextQuery({ links: { next: null } }, 'users'), undefined)
  assert.equal(nextQuery({ networks_links: [{ rel: 'previous', href: 'http://n/?marker=0' }] }, 'networks'), undefined)
})

test('each scope is said in Keystone’s words', () => {
  const login = { username: 'a', password: 'b', userDomain: 'd' }
  const identity = { methods: ['password'], password: { user: { name: 'a', domain: { name: 'd' }, password: 'b' } } }
  assert.deepEqual(authRequest(login), { auth: { identity, scope: 'unscoped' } })
  assert.deepEqual(authRequest({ ...login, scope: { project: 'p' } }), { auth: { identity, scope: { project: { name: 'p', domain: { name: 'Default' } } } } })
  assert.deepEqual(authRequest({ ...login, scope: { domain: 'd' } }), { auth: { identity, scope: { domain: { name: 'd' } } } })
  assert.deepEqual(authRequest({ ...login, scope: { system: 'all' } }), { auth: { identity, scope: { system: { all: true } } } })
})

test('an endpoint is chosen by type, interface and region', () => {
  const endpoints = ['A public', 'B public', 'B internal'].map((place) => {
    const [region_id = '', wanted = ''] = place.split(' ')
    return { interface: wanted, region_id, url: `http://${region_id}/${wanted}/` }
  })
  const catalog = [{ type: 'image', endpoints }]
  assert.equal(findEndpoint(catalog, 'image', 'public', 'B'), 'http://B/public')
  assert.equal(findEndpoint(catalog, 'image', 'internal', undefined), 'http://B/internal')
  assert.equal(findEndpoint(catalog, 'image', 'internal', 'A'), undefined)
})
