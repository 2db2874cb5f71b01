import { randomBytes } from 'node:crypto'
import { applied } from '../kube/apply.ts'
import type { KubeObject } from '../kube/types.ts'
import { apiVersion, kind } from '../api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import { openStackCluster } from '../api/v1alpha1/schema.ts'
import { missingCredentials } from '../config/credentials.ts'
import { hashOf } from '../config/hash.ts'
import type { OutsideCall, OutsideResult } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import * as registry from '../services/index.ts'
import { serviceObjects, wantedCredentials } from './foundation.ts'
import { stepsOf } from './graph.ts'
import { makePlan } from './plan.ts'
import type { PlannedStep } from './plan.ts'
import { scopeOf } from './scope.ts'

/** Whatever an image is called, it has this tag. */
const imageTags: Readonly<Record<string, string>> = new Proxy({}, { get: () => 'zed-0' })

/** A cloud with all that can be switched on. */
export const EVERYTHING = {
  services: {
    ...Object.fromEntries(Object.values(registry).flatMap(({ name, ...api }) => ('optional' in api ? [[name, { enabled: true }]] : []))),
    cinder: { enabled: true, backends: [{ name: 'ceph', rbd: { monitors: ['mon'], keyringSecret: { name: 'ceph' }, backupPool: 'backups' } }] },
  },
  timeSync: { mode: 'Monitor', servers: ['ntp'] },
}

/** A cluster with every default filled in, as the API server gives it. */
export function clusterOf(spec: Record<string, unknown> = {}): OpenStackCluster {
  const metadata = { name: 'teruwa', namespace: 'openstack', uid: 'uid-1', resourceVersion: '1', generation: 1, creationTimestamp: '2026-01-01T00:00:00Z' }
  return { apiVersion, kind, metadata, spec: openStackCluster.parse({ spec }).spec }
}

/** A node of Kubernetes with the labels of both roles. */
export function nodeOf(name: string, labels: Record<string, string> = { 'openstack.teruwa.io/hypervisor': '', 'openstack.teruwa.io/network': '' }): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }], conditions: [{ type: 'Ready', status: 'True' }] },
  }
}

/** More than the longest chain of steps is long, with a round to make an object and one to see it ready. */
const ROUNDS = 20

/** A world in which a plan can be acted on without Kubernetes and OpenStack: what is applied is there, and gets ready when told to. */
export class TestWorld {
  readonly cluster: OpenStackCluster
  readonly live = new Map<string, KubeObject>()
  readonly results = new Map<string, { fingerprint: string; result: OutsideResult }>()
  nodes: KubeObject[] = [nodeOf('node-1')]
  pods: KubeObject[] = []
  namedSecrets = new Map<string, Record<string, string>>()
  /** What pods have said last, by their names. */
  readonly said = new Map<string, string>()
  writes = 0
  readonly #credentials: Record<string, string>
  #uid = 0

  /** With another world: its objects and passwords, and what was answered in it. */
  constructor(cluster: OpenStackCluster = clusterOf(), before?: TestWorld) {
    this.cluster = cluster
    if (before !== undefined) {
      this.#credentials = before.#credentials
      for (const [key, object] of before.live) this.live.set(key, object)
      for (const [step, result] of before.results) this.results.set(step, result)
      return
    }
    this.#credentials = missingCredentials(wantedCredentials(cluster.spec), {}, randomBytes, Date.parse('2026-01-01T00:00:00Z'))
    for (const service of serviceObjects({ ...cluster.metadata, spec: cluster.spec })) {
      this.apply(service)
      const stored = this.live.get(`Service/${service.metadata.name}`)
      if (stored === undefined) throw new Error('a Service was just stored')
      const { ports } = stored.spec as { ports: { port: number }[] }
      this.live.set(`Service/${service.metadata.name}`, {
        ...stored,
        spec: { ...(stored.spec as object), ports: ports.map((port) => ({ ...port, nodePort: 20000 + port.port })) },
      })
    }
    this.writes = 0
  }

  scope(): Scope {
    const result = scopeOf({
      // As a watch shows a cluster that has changed, which tests do in place: as a new one.
      cluster: { ...this.cluster, spec: { ...this.cluster.spec } },
      credentials: this.#credentials,
      namedSecrets: this.namedSecrets,
      nodes: this.nodes,
      live: (objectKind, name) => this.live.get(`${objectKind}/${name}`),
      pods: this.pods,
      said: (pod) => this.said.get(pod.metadata.name),
      outside: (step, call) => {
        const known = this.results.get(step)
        return call === undefined || known?.fingerprint === hashOf(call, 64) ? known?.result : undefined
      },
      imageTags,
      operatorImage: 'teruwa/operator:0',
    })
    if ('waitsFor' in result) throw new Error(`the world has no ${result.waitsFor}`)
    return result.scope
  }

  plan(): PlannedStep[] {
    const scope = this.scope()
    return makePlan(scope, stepsOf(scope))
  }

  /** As server-side apply: what is not there is made, what is there gets a new generation. */
  apply(desired: KubeObject): void {
    const key = `${desired.kind}/${desired.metadata.name}`
    const before = this.live.get(key)
    const metadata = {
      ...applied(desired).metadata,
      uid: before?.metadata.uid ?? `uid-${desired.kind}-${++this.#uid}`,
      generation: (before?.metadata.generation ?? 0) + 1,
    }
    this.live.set(key, { ...desired, metadata, status: before?.status })
    this.writes += 1
  }

  /** One round of acting: applies what the plan wants applied, removes what it no longer wants. */
  act(plan: readonly PlannedStep[]): void {
    for (const { changes } of plan) for (const { desired } of changes) this.apply(desired)
  }

  /** Acts on a plan; then all that is there gets ready, and each call is answered well. */
  pass(plan: readonly PlannedStep[] = this.plan()): void {
    this.act(plan)
    for (const { id, call } of plan) if (call !== undefined) this.answer(id, call)
    for (const key of this.unready()) this.makeReady(key)
  }

  /** Lets everything get ready that can. */
  settle(): void {
    for (let round = 0; round < ROUNDS; round++) this.pass()
  }

  /** Objects that are not ready, by key. */
  unready(): string[] {
    return [...this.live].filter(([, { kind: objectKind, status }]) => objectKind in readyStatus && status === undefined).map(([key]) => key)
  }

  /** Lets a workload become ready, or a Job end well. */
  makeReady(key: string): void {
    const object = this.live.get(key)
    if (object === undefined) throw new Error(`there is no ${key}`)
    const status = readyStatus[object.kind]?.(object.metadata.generation ?? 1)
    this.live.set(key, { ...object, status })
  }

  /** A pod of the workload is gone, for a moment. */
  breakWorkload(key: string): void {
    const object = this.live.get(key)
    if (object !== undefined) this.live.set(key, { ...object, status: undefined })
  }

  /** Lets the outside answer a call. */
  answer(step: string, call: OutsideCall, result: OutsideResult = goodAnswer(call)): void {
    this.results.set(step, { fingerprint: hashOf(call, 64), result })
  }
}

/** The status of an object that has become what its generation asks for, by kind. */
export const readyStatus: Readonly<Record<string, (generation: number) => unknown>> = {
  Deployment: (observedGeneration) => ({ observedGeneration, replicas: 1, updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1 }),
  StatefulSet: (observedGeneration) => ({ observedGeneration, replicas: 1, updatedReplicas: 1, readyReplicas: 1 }),
  DaemonSet: (observedGeneration) => ({ observedGeneration, desiredNumberScheduled: 1, updatedNumberScheduled: 1, numberAvailable: 1 }),
  Job: () => ({ conditions: [{ type: 'Complete', status: 'True' }] }),
}

/** What the outside answers when all is as the call wants it. */
export function goodAnswer(call: OutsideCall): OutsideResult {
  switch (call.kind) {
    case 'compute':
      return { ready: true, message: '', data: { compute: call.want.map((host) => ({ host, up: true, registered: true, mapped: true, servers: 0 })) } }
    case 'images':
      return { ready: true, message: '', data: { images: Object.fromEntries(call.want.map(({ name }) => [name, { id: name, status: 'active' }])) } }
    default:
      return { ready: true, message: '' }
  }
}
