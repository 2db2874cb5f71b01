// The operator dies after each single write of a bring-up, of a change, of a service that goes and of a deletion, and another one takes over: before a real
// API server, with its garbage collector. Workloads get ready at once, and what is outside is the simulation's model.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { apiVersion, kind, labels, manager } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { stepsOf } from '../../operator/cluster/graph.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { systemClock } from '../../operator/kube/clock.ts'
import { Reflector } from '../../operator/kube/reflector.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import { MemoryLog } from '../../operator/kube/test-log.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import { credentialsSecretName } from '../../operator/model/scope.ts'
import type { ModelApi } from '../simulation/api.ts'
import { startOperator } from '../simulation/operator.ts'
import { OutsideModel } from '../simulation/outside.ts'
import { unlikeWanted } from '../simulation/simulate.ts'
import { cutDown } from '../simulation/world.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { mortal } from './mortal.ts'

const NAME = 'teruwa'
const FOREVER = Infinity
/** So many clouds at a time. */
const WIDTH = 4
const { secrets, namespaces, deployments, statefulSets, daemonSets, jobs } = ResourceTypes
const steps = (scope: Parameters<typeof stepsOf>[0]) => cutDown(stepsOf(scope), /^(horizon|memcached|keystone\/api)/)

describe('an operator that dies after each of its writes', () => {
  let kube: Kubernetes
  const end = new AbortController()
  const log = new MemoryLog()

  before(async () => {
    kube = await kubernetes({ controllerManager: ['garbage-collector-controller'] })
    await makeNode(kube.client, 'node-1')
    for (const type of [deployments, statefulSets, daemonSets, jobs]) keepReady(type)
  })

  after(async () => {
    end.abort()
    await kube?.stop()
  })

  /** Lets all workloads of a kind be ready, and Jobs be done. */
  function keepReady(type: ResourceType): void {
    const settle = async ({ metadata, spec }: KubeObject): Promise<void> => {
      const { replicas = 1 } = spec as { replicas?: number }
      const time = '2030-01-01T00:00:00Z'
      const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas, readyReplicas: replicas }
      const placed = {
        currentNumberScheduled: 1,
        desiredNumberScheduled: 1,
        numberMisscheduled: 0,
        numberReady: 1,
        numberAvailable: 1,
        updatedNumberScheduled: 1,
      }
      const conditions = ['SuccessCriteriaMet', 'Complete'].map((each) => ({ type: each, status: 'True', lastTransitionTime: time }))
      const status =
        type === jobs
          ? { startTime: time, completionTime: time, succeeded: 1, conditions }
          : { observedGeneration: metadata.generation, ...(type === daemonSets ? placed : counts) }
      await kube.client
        .patch(type, metadata.namespace, metadata.name, { status }, { type: 'merge', subresource: 'status' })
        .catch((error: unknown) => log.warn('status', { error }))
    }
    const reflector = new Reflector({
      client: kube.client,
      type,
      log,
      labelSelector: `${labels.managedBy}=${manager}`,
      onChange: ({ type: what, object, old }) => {
        if (what !== 'deleted' && old?.metadata.generation !== object.metadata.generation) void settle(object)
      },
    })
    reflector.start(end.signal)
  }

  /** A cloud in a namespace of its own, with what is outside of it. */
  interface Cloud {
    readonly namespace: string
    readonly outside: OutsideModel
  }

  async function cloudOf(namespace: string, spec: Record<string, unknown> = {}): Promise<Cloud> {
    await kube.client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
    await kube.client.create(openStackClusters, { apiVersion, kind, metadata: { name: NAME, namespace }, spec })
    return { namespace, outside: new OutsideModel() }
  }

  /** Runs an operator until it dies or the cloud is as it should be; whether it died. */
  async function operate({ namespace, outside }: Cloud, lastWrite: number, isDone: (cluster: OpenStackCluster | undefined) => boolean): Promise<boolean> {
    const { client: own, death } = mortal(kube.client, lastWrite)
    const stop = new AbortController()
    try {
      startOperator(
        {
          client: own,
          clock: systemClock,
          log,
          namespace,
          steps,
          random: Math.random,
          randomBytes,
          outside: (options) => outside.enter(options, { now: Date.now, outlived: (_, run) => run() }, () => ({ kind: 'done', after: 0 })),
        },
        stop.signal,
      )
      return await Promise.race([death.then(() => true), reached(namespace, isDone, stop.signal).then(() => false)])
    } finally {
      stop.abort()
    }
  }

  /** Resolves when a cluster is so; `undefined` stands for none. */
  function reached(namespace: string, isDone: (cluster: OpenStackCluster | undefined) => boolean, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const look = () => isDone(reflector.store.get(namespace, NAME) as OpenStackCluster | undefined) && resolve()
    const reflector = new Reflector({ client: kube.client, type: openStackClusters, namespace, log, onChange: look })
    reflector.start(signal)
    void reflector.synced.then(look)
    return promise
  }

  const isReady = (cluster: OpenStackCluster | undefined): boolean =>
    cluster?.status?.observedGeneration === cluster?.metadata.generation && cluster?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True'

  /** All that is in a namespace, as a server that can be asked at once. */
  async function snapshot(namespace: string): Promise<Pick<ModelApi, 'get' | 'list'>> {
    const all = new Map<string, KubeObject[]>()
    for (const type of Object.values(ResourceTypes)) {
      const { items } = await kube.client.list(type, type.namespaced ? { namespace } : {})
      all.set(type.plural, items)
    }
    return {
      get: (type, _, name) => all.get(type.plural)?.find(({ metadata }) => metadata.name === name),
      list: (type) => all.get(type.plural) ?? [],
    }
  }

  const passwordsOf = async (namespace: string) => (await kube.client.get(secrets, namespace, credentialsSecretName(NAME)))?.data ?? {}

  /** Every credential that was there is there, and the cloud is what its resource says. */
  async function check({ namespace, outside }: Cloud, before: Readonly<Record<string, string>>): Promise<void> {
    const now = await passwordsOf(namespace)
    for (const [name, value] of Object.entries(before)) assert.equal(now[name], value, `${namespace}: the credential ${name} has changed`)
    const cluster = (await kube.client.get(openStackClusters, namespace, NAME)) as OpenStackCluster | undefined
    assert.ok(cluster)
    assert.deepEqual([...unlikeWanted({ api: await snapshot(namespace), outside, steps, schedule: { spec: {} } }, cluster)], [], namespace)
  }

  /** Does a thing with each n from 1 on, some at a time, until one says that there was no n-th write. Returns the number of writes. */
  async function eachWrite(once: (write: number) => Promise<boolean>, width = WIDTH): Promise<number> {
    for (let first = 1; ; first += width) {
      const died = await Promise.all(Array.from({ length: width }, (_, index) => once(first + index)))
      if (died.includes(false)) return first + died.indexOf(false) - 1
    }
  }

  test('a bring-up', async () => {
    const writes = await eachWrite(async (write) => {
      const cloud = await cloudOf(`up-${write}`)
      const died = await operate(cloud, write, isReady)
      const before = await passwordsOf(cloud.namespace)
      if (died) await operate(cloud, FOREVER, isReady)
      await check(cloud, before)
      return died
    })
    assert.ok(writes > 30, `a bring-up has more than ${writes} writes`)
  })

  test('another image', async () => {
    const cloud = await cloudOf('image')
    await operate(cloud, FOREVER, isReady)
    const before = await passwordsOf(cloud.namespace)
    const writes = await eachWrite(async (write) => {
      const body = { spec: { images: { overrides: { keystone: `registry.example.com/keystone:${write}` } } } }
      await kube.client.patch(openStackClusters, cloud.namespace, NAME, body, { type: 'merge' })
      const died = await operate(cloud, write, isReady)
      if (died) await operate(cloud, FOREVER, isReady)
      await check(cloud, before)
      return died
    }, 1)
    assert.ok(writes >= 3, `a Job, a Deployment and the status at least: ${writes}`)
  })

  test('a service that goes', async () => {
    const cloud = await cloudOf('service')
    await operate(cloud, FOREVER, isReady)
    const before = await passwordsOf(cloud.namespace)
    const turn = (enabled: boolean) =>
      kube.client.patch(openStackClusters, cloud.namespace, NAME, { spec: { services: { horizon: { enabled } } } }, { type: 'merge' })
    const writes = await eachWrite(async (write) => {
      await turn(false)
      const died = await operate(cloud, write, isReady)
      if (died) await operate(cloud, FOREVER, isReady)
      await check(cloud, before)
      await turn(true)
      await operate(cloud, FOREVER, isReady)
      await check(cloud, before)
      return died
    }, 1)
    assert.ok(writes >= 3, `a Deployment, a Service and a Secret at least: ${writes}`)
  })

  test('a deletion, with the data', async () => {
    const writes = await eachWrite(async (write) => {
      const cloud = await cloudOf(`end-${write}`, { deletionPolicy: 'Delete' })
      await operate(cloud, FOREVER, isReady)
      await kube.client.delete(openStackClusters, cloud.namespace, NAME)
      const isGone = (cluster: OpenStackCluster | undefined) => cluster === undefined
      const died = await operate(cloud, write, isGone)
      if (died) await operate(cloud, FOREVER, isGone)
      await emptied(cloud.namespace)
      return died
    })
    assert.ok(writes >= 3, `a Job on a node, the credentials and the finalizer at least: ${writes}`)
  })

  /** Resolves when nothing of a cloud is left. */
  async function emptied(namespace: string): Promise<void> {
    for (const type of Object.values(ResourceTypes)) {
      if (!type.namespaced || type === ResourceTypes.events) continue
      const stop = new AbortController()
      const { promise, resolve } = Promise.withResolvers<void>()
      const look = () => reflector.store.size === 0 && resolve()
      const reflector = new Reflector({ client: kube.client, type, namespace, labelSelector: `${labels.partOf}=${NAME}`, log, onChange: look })
      reflector.start(stop.signal)
      await reflector.synced
      look()
      await promise
      stop.abort()
    }
  }
})
