import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { loadAll } from 'js-yaml'
import { conditionsOf } from './status.ts'
import { clusterOf, TestWorld } from './test-world.ts'

/** mulberry32: a seed gives always the same row of numbers, so that a failing run can be repeated. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const ROUNDS = 400

/** Visits the world again and again, with things getting ready in any order, until the cloud is Ready. Returns the number of visits. */
function converge(world: TestWorld, random: () => number, fault: () => void): number {
  for (let round = 1; round <= ROUNDS; round++) {
    const plan = world.plan()
    if (plan.every(({ state }) => state === 'Ready')) return round
    world.act(plan)
    for (const { id, call } of plan) if (call !== undefined && random() < 0.4) world.answer(id, call)
    for (const key of world.unready()) if (random() < 0.4) world.makeReady(key)
    fault()
  }
  const left = world
    .plan()
    .filter(({ state }) => state !== 'Ready')
    .map(({ id, state, message }) => `${id} ${state}: ${message}`)
  throw new Error(`not Ready after ${ROUNDS} visits:\n${left.join('\n')}`)
}

describe('the bring-up, simulated', () => {
  let sample: Record<string, unknown>

  before(async () => {
    const documents = loadAll(await readFile(join(import.meta.dirname, '..', '..', 'manifests', 'cluster.yaml'), 'utf8')) as {
      kind: string
      spec: Record<string, unknown>
    }[]
    sample = documents.find(({ kind }) => kind === 'OpenStackCluster')?.spec ?? {}
  })

  test('whatever gets ready first, the cloud gets Ready, and then nothing is written', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const world = new TestWorld(clusterOf(sample))
      const random = dice(seed)
      converge(world, random, () => {})
      const { writes } = world
      assert.deepEqual(
        world.plan().flatMap(({ changes }) => changes),
        [],
        `seed ${seed}: a Ready cloud has nothing to change`,
      )
      world.act(world.plan())
      assert.equal(world.writes, writes, `seed ${seed}`)
      assert.equal(conditionsOf(world.plan(), { labelled: 1, up: 1 })[0]?.status, 'True')
    }
  })

  test('workloads that break on the way and a forgetful operator change nothing in the end', () => {
    for (let seed = 1; seed <= 12; seed++) {
      const world = new TestWorld(clusterOf(sample))
      const random = dice(seed)
      const secrets = () => [...world.live].filter(([key]) => key.startsWith('Secret/')).map(([key, { data }]) => [key, data])
      let faults = 0
      converge(world, random, () => {
        if (faults >= 30 || random() > 0.3) return
        faults += 1
        const workloads = [...world.live.keys()].filter((key) => /^(Deployment|StatefulSet|DaemonSet)\//.test(key))
        const victim = workloads[Math.floor(random() * workloads.length)]
        if (victim !== undefined) world.breakWorkload(victim)
        // The operator was restarted: what the outside said is forgotten.
        if (random() < 0.2) world.results.clear()
      })
      const known = secrets()
      for (const key of world.live.keys()) world.breakWorkload(key)
      converge(world, random, () => {})
      assert.deepEqual(secrets(), known, `seed ${seed}: no password may change`)
    }
  })

  test('a step makes nothing before its needs are ready', () => {
    const world = new TestWorld(clusterOf(sample))
    const first = world.plan()
    for (const { id, waitsFor, changes, call } of first) {
      if (waitsFor.length === 0) continue
      assert.deepEqual(changes, [], `${id} waits and must write nothing`)
      assert.equal(call, undefined, `${id} waits and must ask nothing`)
    }
    const started = first.filter(({ waitsFor }) => waitsFor.length === 0).map(({ id }) => id)
    assert.deepEqual(started.toSorted(), [
      'compute/libvirt',
      'compute/nodes',
      'etcd',
      'glance/config',
      'horizon/config',
      'keystone/config',
      'mariadb',
      'memcached',
      'neutron/config',
      'nova/config',
      'placement/config',
      'rabbitmq',
    ])
  })
})
