import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ensureVolumeBackends, forgottenTypes, judgeBackends } from './volumes.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

const wants = [{ name: 'ceph', hosts: ['cinder@ceph'] }]

test('a backend is awaited until its service reports itself, and down when it falls silent', () => {
  assert.deepEqual(judgeBackends(wants, [], []), { awaited: ['cinder@ceph'], down: [], inUse: [], abandoned: [] })
  assert.deepEqual(judgeBackends(wants, [{ host: 'cinder@ceph', up: true }], []), { awaited: [], down: [], inUse: [], abandoned: [] })
  assert.deepEqual(judgeBackends(wants, [{ host: 'cinder@ceph', up: false }], []).down, ['cinder@ceph'])
})

test('a backend that was taken away is forgotten once it is silent and empty, and named while volumes are on it', () => {
  const services = [
    { host: 'cinder@ceph', up: true },
    { host: 'cinder@old', up: false },
  ]
  assert.deepEqual(judgeBackends(wants, services, ['cinder@old#volumes', 'cinder@old#volumes', 'cinder@older#volumes']).inUse, [
    { host: 'cinder@old', volumes: 2 },
  ])
  assert.deepEqual(judgeBackends(wants, services, ['cinder@ceph#volumes']).abandoned, ['cinder@old'])
  assert.deepEqual(judgeBackends(wants, [{ host: 'cinder@old', up: true }], []).abandoned, [], 'it is about to end')
})

test('only types that were made for a backend go with it', () => {
  const type = (id: string, name: string, backend?: string) => ({ id, name, extra_specs: backend === undefined ? {} : { volume_backend_name: backend } })
  const listed = [type('1', 'old', 'old'), type('2', 'fast', 'old'), type('3', '__DEFAULT__'), type('4', 'ceph', 'ceph')]
  assert.deepEqual(
    forgottenTypes(wants, ['cinder@old'], listed).map(({ id }) => id),
    ['1'],
  )
  assert.deepEqual(forgottenTypes(wants, ['node-2@ceph'], listed), [], 'one of several hosts of a backend')
})

test('a type is made for a backend, and its extra spec is mended', async (t) => {
  const asked: string[] = []
  let types: object[] = []
  const url = await listen(t, (request, response) => {
    let body = ''
    request.on('data', (part: Buffer) => (body += part.toString()))
    request.on('end', () => {
      const path = request.url?.split('?')[0] ?? ''
      if (path === '/v3/auth/tokens') {
        response.writeHead(201, { 'x-subject-token': 'token' }).end(JSON.stringify({ token: { expires_at: '2099-01-01T00:00:00Z', user: { id: 'u' } } }))
        return
      }
      if (request.method !== 'GET') asked.push(`${request.method} ${path} ${body}`)
      const answer =
        request.method === 'POST'
          ? { volume_type: { id: 'type-1' } }
          : path === '/types'
            ? { volume_types: types }
            : {
                services: [
                  { binary: 'cinder-scheduler', host: 'cinder', state: 'up' },
                  { binary: 'cinder-volume', host: 'cinder@ceph', state: 'up' },
                ],
              }
      response.end(JSON.stringify(answer))
    })
  })
  const session = new Session({ authUrl: `${url}/v3`, username: 'admin', password: 'p', endpoints: { volume: url } })
  const first = await ensureVolumeBackends(session, wants)
  assert.deepEqual(asked, ['POST /types {"volume_type":{"name":"ceph","extra_specs":{"volume_backend_name":"ceph"},"os-volume-type-access:is_public":true}}'])
  assert.deepEqual(first.changes, [{ action: 'created', kind: 'volume type', name: 'ceph' }])
  assert.deepEqual(first.verdict, { awaited: [], down: [], inUse: [], abandoned: [] }, 'a scheduler is no backend')
  assert.deepEqual(first.services, [
    { binary: 'cinder-scheduler', host: 'cinder', up: true },
    { binary: 'cinder-volume', host: 'cinder@ceph', up: true },
  ])
  types = [{ id: 'type-1', name: 'ceph', extra_specs: { volume_backend_name: 'other' } }]
  await ensureVolumeBackends(session, wants)
  assert.equal(asked[1], 'POST /types/type-1/extra_specs {"extra_specs":{"volume_backend_name":"ceph"}}')
  types = [{ id: 'type-1', name: 'ceph', extra_specs: { volume_backend_name: 'ceph' } }]
  const last = await ensureVolumeBackends(session, wants)
  assert.deepEqual([asked.length, last.changes], [2, []])
})
