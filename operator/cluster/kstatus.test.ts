import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { loadAll } from 'js-yaml'
import type { OpenStackCluster, OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import { structuralSchema } from '../api/crd.ts'
import type { PlannedStep } from './plan.ts'
import { blockedStatus, pausedStatus, statusOf } from './status.ts'
import { kstatusOf } from './test-kstatus.ts'
import type { KStatus } from './test-kstatus.ts'
import { clusterOf, TestWorld } from './test-world.ts'

/** A cloud whose status is written at each visit, as the operator does it; everything that it ever said is looked at. */
class Recorded {
  readonly world: TestWorld
  /** What kstatus said, without repetitions. */
  readonly said: KStatus[] = []
  /** Objects that the API server refuses, by a part of their key. */
  refused: RegExp | undefined
  moments = 0
  #now = Date.parse('2026-01-01T00:00:00Z')

  constructor(spec: Record<string, unknown>) {
    this.world = new TestWorld(clusterOf(spec))
    this.world.cluster.status = { observedGeneration: -1 }
    this.look()
  }

  /** One visit. Returns whether anything was done. */
  visit(): boolean {
    const { world } = this
    const plan = world.plan().map((step) => this.#refuse(step))
    const changed = plan.some(({ state, changes }) => state !== 'Failed' && changes.length > 0)
    world.act(plan.filter(({ problem }) => problem?.reason !== 'Refused'))
    this.#write(statusOf(world.cluster, world.scope(), plan, this.#time()))
    this.#agree(plan)
    return changed
  }

  /** Visits with so many things getting ready between two of them, until nothing more happens. `stuck`: what never gets ready. */
  settle(atOnce: number, stuck: { workload?: string; step?: string } = {}): void {
    for (let round = 0; round < 2000; round++) {
      const changed = this.visit()
      const workloads = this.#unready().filter((key) => key !== stuck.workload)
      const calls = this.world.plan().filter(({ id, call, state }) => call !== undefined && state !== 'Ready' && id !== stuck.step)
      const next = [
        ...workloads.map((key) => () => this.world.makeReady(key)),
        ...calls.map(
          ({ id, call }) =>
            () =>
              call && this.world.answer(id, call),
        ),
      ]
      if (next.length === 0 && !changed) return
      for (const happen of next.slice(0, atOnce)) happen()
    }
    throw new Error('nothing settles')
  }

  /** Somebody changes the spec: the API server counts the generation up, and the status is that of before. */
  change(change: (spec: OpenStackCluster['spec']) => void): void {
    const { cluster } = this.world
    change(cluster.spec)
    cluster.metadata.generation += 1
    this.look()
  }

  blocked(reason: string, stalled: boolean): void {
    this.#write(blockedStatus(this.world.cluster, { reason, message: 'waits for something', stalled }, this.#time()))
    assert.equal(this.look(), this.world.cluster.metadata.deletionTimestamp ? 'Terminating' : stalled ? 'Failed' : 'InProgress')
  }

  /** `seen`: whether something of it was made before. */
  paused(seen: boolean): void {
    const { cluster } = this.world
    this.#write(pausedStatus(cluster, seen ? { scope: this.world.scope(), plan: this.world.plan() } : undefined, this.#time()))
    this.look()
  }

  condition(type: string): string {
    const found = this.world.cluster.status?.conditions?.find((each) => each.type === type)
    return found === undefined ? 'none' : `${found.status} ${found.reason}`
  }

  /** What kstatus says now. */
  look(): KStatus {
    const status = kstatusOf(this.world.cluster)
    if (this.said.at(-1) !== status) this.said.push(status)
    this.moments += 1
    return status
  }

  /** Workloads that are not what was applied last. */
  #unready(): string[] {
    return [...this.world.live].flatMap(([key, { metadata, status }]) => {
      if (!/^(Deployment|StatefulSet|DaemonSet|Job)\//.test(key)) return []
      const { observedGeneration } = (status ?? {}) as { observedGeneration?: number }
      return status === undefined || (observedGeneration ?? Infinity) < (metadata.generation ?? 0) ? [key] : []
    })
  }

  #refuse(step: PlannedStep): PlannedStep {
    const { refused } = this
    if (refused === undefined || !step.changes.some(({ desired }) => refused.test(`${desired.kind}/${desired.metadata.name}`))) return step
    const problem = { reason: 'Refused', message: 'exceeded quota' }
    return { ...step, state: 'Failed', message: problem.message, problem }
  }

  #time(): Date {
    this.#now += 1000
    return new Date(this.#now)
  }

  /** As the API server keeps it. */
  #write(status: OpenStackClusterStatus): void {
    this.world.cluster.status = JSON.parse(JSON.stringify(status)) as OpenStackClusterStatus
  }

  /** kstatus, the conditions and the plan say the same. */
  #agree(plan: readonly PlannedStep[]): void {
    const status = this.look()
    const conditions = this.world.cluster.status?.conditions ?? []
    const is = (type: string) => conditions.find((each) => each.type === type)?.status === 'True'
    const text = JSON.stringify(conditions.slice(0, 5), undefined, 1)
    const allReady = plan.every(({ state }) => state === 'Ready')
    assert.equal(status === 'Current', is('Ready'), text)
    assert.equal(status === 'Failed', is('Stalled'), text)
    assert.equal(status === 'InProgress', is('Reconciling'), text)
    assert.equal(is('Progressing'), is('Reconciling'), text)
    assert.equal(is('Ready'), allReady, 'ready is who has every step ready, and nobody else')
    assert.equal(
      is('Degraded'),
      plan.some(({ state }) => state === 'Failed'),
      text,
    )
    if (is('Stalled')) assert.ok(is('Degraded') && plan.every(({ state }) => state !== 'Progressing'), text)
    const parts = conditions.slice(5)
    assert.equal(
      parts.every((part) => part.status === 'True'),
      allReady,
      'a part is not ready exactly as long as the whole is not',
    )
    for (const { type, message, reason } of conditions) assert.ok(message !== '' && /^[A-Z]\w+$/.test(reason), `${type}: ${reason} ${message}`)
  }
}

describe('kstatus agrees at every moment', () => {
  let sample: Record<string, unknown>

  before(async () => {
    const documents = loadAll(await readFile(join(import.meta.dirname, '..', '..', 'manifests', 'cluster.yaml'), 'utf8')) as {
      kind: string
      spec: Record<string, unknown>
    }[]
    sample = documents.find(({ kind }) => kind === 'OpenStackCluster')?.spec ?? {}
  })

  const brought = (): Recorded => {
    const cloud = new Recorded(sample)
    cloud.settle(Infinity)
    return cloud
  }

  test('an object that nobody has visited is on its way, by the default of the CRD', () => {
    const status = structuralSchema().properties?.['status']?.default as OpenStackClusterStatus
    assert.equal(kstatusOf({ metadata: { generation: 1 }, status }), 'InProgress')
    assert.equal(kstatusOf({ metadata: { generation: 1 } }), 'Current', 'which it would not be without')
  })

  test('a bring-up', () => {
    const cloud = new Recorded(sample)
    cloud.blocked('Progressing', false)
    cloud.settle(1)
    assert.deepEqual(cloud.said, ['InProgress', 'Current'])
    assert.ok(cloud.moments > 50, `${cloud.moments} moments`)
  })

  test('a change, and a service that is switched off: its condition goes', () => {
    const cloud = brought()
    cloud.change((spec) => (spec.overrides = { nova: { 'nova.conf': { DEFAULT: { debug: 'true' } } } }))
    assert.equal(cloud.look(), 'InProgress', 'the status is about the spec from before')
    cloud.settle(3)
    assert.equal(cloud.condition('HorizonReady'), 'True Ready')
    cloud.change((spec) => (spec.services.horizon.enabled = false))
    cloud.settle(3)
    assert.deepEqual(cloud.said, ['InProgress', 'Current', 'InProgress', 'Current', 'InProgress', 'Current'])
    assert.equal(cloud.condition('HorizonReady'), 'none')
    assert.equal(cloud.condition('NovaReady'), 'True Ready')
  })

  test('a workload that breaks, whose reason nobody knows and then is known, and mends', () => {
    const cloud = brought()
    cloud.said.length = 0
    cloud.world.breakWorkload('Deployment/glance-api')
    cloud.visit()
    assert.deepEqual([cloud.look(), cloud.condition('GlanceReady'), cloud.condition('NovaReady')], ['InProgress', 'False Progressing', 'True Ready'])
    const state = { name: 'glance-api', state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } }
    const metadata = { name: 'glance-api-1', labels: { 'app.kubernetes.io/name': 'glance-api' } }
    cloud.world.pods = [{ apiVersion: 'v1', kind: 'Pod', metadata, spec: {}, status: { containerStatuses: [state] } }]
    cloud.settle(3, { workload: 'Deployment/glance-api' })
    assert.deepEqual([cloud.look(), cloud.condition('GlanceReady')], ['Failed', 'False ImagePullFailed'])
    cloud.world.pods = []
    cloud.settle(3)
    assert.deepEqual(cloud.said, ['InProgress', 'Failed', 'InProgress', 'Current'])
  })

  test('an object that the API server refuses during a bring-up, and what waits for it', () => {
    const cloud = new Recorded(sample)
    cloud.refused = /^StatefulSet\/mariadb$/
    cloud.settle(3)
    assert.deepEqual([cloud.look(), cloud.condition('DatabaseReady'), cloud.condition('KeystoneReady')], ['Failed', 'False Refused', 'False Waiting'])
    const { message = '' } = cloud.world.cluster.status?.conditions?.find(({ type }) => type === 'KeystoneReady') ?? {}
    assert.match(message, /^1 of \d+ steps are ready; the rest waits for mariadb$/)
    cloud.refused = undefined
    cloud.settle(3)
    assert.deepEqual(cloud.said, ['InProgress', 'Failed', 'InProgress', 'Current'])
  })

  test('an outside call that fails for good, and succeeds later', () => {
    const cloud = new Recorded(sample)
    cloud.settle(3, { step: 'bootstrap/flavors' })
    assert.deepEqual([cloud.look(), cloud.condition('BootstrapReady')], ['InProgress', 'False Progressing'])
    const call = cloud.world.plan().find(({ id }) => id === 'bootstrap/flavors')?.call
    assert.ok(call)
    cloud.world.answer('bootstrap/flavors', call, { ready: false, message: '', problem: { reason: 'OutsideCallFails', message: '500' } })
    cloud.settle(3, { step: 'bootstrap/flavors' })
    assert.deepEqual([cloud.look(), cloud.condition('BootstrapReady')], ['Failed', 'False OutsideCallFails'])
    cloud.settle(3)
    assert.deepEqual(cloud.said, ['InProgress', 'Failed', 'InProgress', 'Current'])
  })

  test('a cloud that cannot be planned, one that is paused, and a deletion: how its parts are is not known', () => {
    const rival = new Recorded(sample)
    rival.blocked('NamespaceInUse', true)
    const born = new Recorded(sample)
    born.paused(false)
    assert.deepEqual([born.look(), born.condition('Ready')], ['InProgress', 'Unknown Paused'])
    const cloud = brought()
    cloud.change((spec) => (spec.paused = true))
    cloud.paused(true)
    assert.deepEqual([cloud.look(), cloud.condition('Ready'), cloud.condition('Progressing')], ['Current', 'True Ready', 'False Paused'])
    cloud.world.cluster.metadata.deletionTimestamp = '2026-01-01T01:00:00Z'
    assert.equal(cloud.look(), 'Terminating')
    cloud.blocked('Deleting', false)
    assert.deepEqual([cloud.look(), cloud.condition('Ready'), cloud.condition('KeystoneReady')], ['Terminating', 'False Deleting', 'Unknown Deleting'])
  })
})
