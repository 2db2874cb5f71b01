import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { plural } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import { until } from '../kube/test-clock.ts'
import { MemoryLog } from '../kube/test-log.ts'
import { testApi } from '../kube/test-server.ts'
import type { Exchange } from '../kube/test-server.ts'
import { Watches } from './watches.ts'

function cluster(resourceVersion: string, message: string, more: { readonly region?: string; readonly metadata?: object } = {}): KubeObject {
  const { region = 'RegionOne', metadata = {} } = more
  return {
    apiVersion: 'openstack.teruwa.io/v1alpha1',
    kind: 'OpenStackCluster',
    metadata: { name: 'cloud', namespace: 'one', uid: 'uid', resourceVersion, ...metadata },
    spec: { region },
    status: { message },
  }
}

/** Kinds that are watched, ours among them, each with a list and a watch. */
const KINDS = 12
const OWN_KINDS = 2

/** Watches before an API server that has one cluster, of version 10. */
async function start(t: TestContext) {
  const api = await testApi(t)
  const woken: string[] = []
  const watches = new Watches({ client: api.client, log: new MemoryLog(), wake: (key) => woken.push(key) })
  const controller = new AbortController()
  t.after(() => controller.abort())
  const seen: { now: KubeObject; watch?: Exchange } = { now: cluster('10', 'first') }
  /** Answers the list and the watch of so many kinds. */
  const serve = async (kinds: number): Promise<void> => {
    for (let count = 0; count < 2 * kinds; count++) {
      const exchange = await api.next()
      const isCluster = exchange.path.endsWith(plural)
      if (exchange.query['watch'] === undefined) {
        exchange.answer(200, { metadata: { resourceVersion: '10' }, items: isCluster ? [seen.now] : [] })
      } else {
        exchange.send()
        if (isCluster) seen.watch = exchange
      }
    }
  }
  await Promise.all([watches.start(controller.signal), serve(KINDS)])
  woken.length = 0
  const shows = async (object: KubeObject): Promise<void> => {
    seen.watch?.send({ type: 'MODIFIED', object })
    await until(() => watches.clusters()[0]?.metadata.resourceVersion === object.metadata.resourceVersion, 'it is seen')
  }
  return { watches, woken, seen, shows, serve }
}

test('a status that we have just written is known at once, and no news when the watch shows it', async (t) => {
  const { watches, woken, shows } = await start(t)
  watches.wroteCluster(cluster('11', 'second'))
  assert.deepEqual(watches.cluster('one', 'cloud')?.status, { message: 'second' })
  await shows(cluster('11', 'second'))
  assert.deepEqual(woken, [])
})

test('a status that somebody else has written is news, before and after ours', async (t) => {
  const { watches, woken, shows } = await start(t)
  watches.wroteCluster(cluster('12', 'ours'))
  await shows(cluster('11', 'theirs'))
  assert.deepEqual(woken, ['one/cloud'])
  await shows(cluster('12', 'ours'))
  assert.deepEqual(woken, ['one/cloud'])
  await shows(cluster('13', 'theirs'))
  assert.deepEqual(woken, ['one/cloud', 'one/cloud'])
})

test('what others changed while the watch was away is news, although it comes with the status that we wrote', async (t) => {
  for (const more of [{ region: 'Elsewhere' }, { metadata: { annotations: { 'example.com/wish': 'now' } } }]) {
    const { watches, woken, shows } = await start(t)
    watches.wroteCluster(cluster('12', 'second', more))
    await shows(cluster('12', 'second', more))
    assert.deepEqual(woken, ['one/cloud'], JSON.stringify(more))
  }
})

test('once its kind was defined anew, a cluster of the same version is news', async (t) => {
  const { watches, woken, seen, shows, serve } = await start(t)
  watches.wroteCluster(cluster('11', 'second'))
  await shows(cluster('11', 'second'))
  seen.now = cluster('11', 'second')
  watches.refresh()
  await serve(OWN_KINDS)
  assert.deepEqual(woken, ['one/cloud'])
})
