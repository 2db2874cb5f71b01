import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { request } from 'undici'
import { HealthServer } from './health.ts'
import type { HealthOptions } from './health.ts'
import { Registry } from './metrics.ts'

async function start(t: TestContext, options: Partial<HealthOptions> = {}) {
  const server = new HealthServer({ port: 0, metricsPort: 0, host: '127.0.0.1', ...options })
  t.after(() => server.stop())
  const ports = await server.start()
  const get = async (path: string, port: number | undefined = ports.port) => {
    const { statusCode, headers, body } = await request(`http://127.0.0.1:${port}${path}`)
    return { status: statusCode, type: headers['content-type'], text: await body.text() }
  }
  return { server, ports, get }
}

test('without checks it is well and ready', async (t) => {
  const { get } = await start(t)
  assert.deepEqual(await get('/healthz'), { status: 200, type: 'text/plain; charset=utf-8', text: 'ok\n' })
  assert.equal((await get('/readyz?verbose')).status, 200)
  assert.equal((await get('/metrics')).status, 404)
})

test('what fails is named, and each path has its own checks', async (t) => {
  const { get } = await start(t, {
    live: { loop: () => true },
    ready: {
      good: () => true,
      synced: () => 'pods are not listed yet',
      leader: async () => false,
      api: async () => {
        throw new Error('no answer')
      },
    },
  })
  assert.equal((await get('/healthz')).status, 200)
  const { status, text } = await get('/readyz')
  assert.deepEqual([status, text], [500, 'synced: pods are not listed yet\nleader: failed\napi: no answer\n'])
})

test('metrics are on their own port', async (t) => {
  const registry = new Registry()
  registry.counter('a_total', 'A.').inc()
  const { get, ports } = await start(t, { registry })
  const { status, type, text } = await get('/metrics', ports.metricsPort)
  assert.deepEqual([status, type, text], [200, 'text/plain; version=0.0.4; charset=utf-8', registry.text()])
  assert.equal((await get('/healthz', ports.metricsPort)).status, 404)
})

test('a taken port is an error, and a stop frees it', async (t) => {
  const { server, ports } = await start(t)
  await assert.rejects(new HealthServer({ port: ports.port, host: '127.0.0.1' }).start(), /EADDRINUSE/)
  await server.stop()
  const second = new HealthServer({ port: ports.port, host: '127.0.0.1' })
  await second.start()
  await second.stop()
})
