import assert from 'node:assert/strict'
import { test } from 'node:test'
import { APPLIED_ANNOTATION, applied, differs } from './apply.ts'
import type { KubeObject } from './types.ts'

/** A live object that was applied as `desired` and then, by the server or by somebody, made into `live`. */
function after(desired: Record<string, unknown>, live: Record<string, unknown>): string | undefined {
  const wanted = objectWith(desired)
  const { annotations } = applied(wanted).metadata
  return differs(wanted, { ...objectWith(live), metadata: { name: 'a', namespace: 'ns', uid: 'u', resourceVersion: '1', annotations } })
}

function objectWith(fields: Record<string, unknown>): KubeObject {
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'a', namespace: 'ns' }, ...fields }
}

const podSpec = (spec: unknown) => ({ spec: { template: { spec } } })
const container = (fields: object) => podSpec({ containers: [{ name: 'app', ...fields }] })

test('what is as it was applied does not differ, defaults and status of the server included', () => {
  assert.equal(after({ spec: { replicas: 1 } }, { spec: { replicas: 1, revisionHistoryLimit: 10 }, status: { replicas: 1 } }), undefined)
})

test('a changed field is named with its path', () => {
  const desired = container({ image: 'x:2', ports: [{ name: 'http', containerPort: 80 }] })
  const live = container({ image: 'x:1', ports: [{ name: 'http', containerPort: 80, protocol: 'TCP' }] })
  assert.equal(after(desired, live), 'spec.template.spec.containers[app].image')
  assert.equal(after({ data: { 'nova.conf': 'eA==' } }, { data: { 'nova.conf': 'eQ==' } }), 'data[nova.conf]')
  assert.equal(after({ spec: { replicas: 1 } }, {}), 'spec')
})

test('an object that was never applied, or applied as something else, differs although its fields fit', () => {
  const desired = objectWith({ spec: { replicas: 1 } })
  const path = `metadata.annotations[${APPLIED_ANNOTATION}]`
  assert.equal(differs(desired, desired), path)
  const before = applied(objectWith({ spec: { replicas: 1, paused: true } }))
  assert.equal(differs(desired, before), path)
  assert.equal(differs(desired, applied(desired)), undefined)
})

test('the hash depends on meaning only, and what was applied can be applied again', () => {
  const one = applied(objectWith({ spec: { a: 1, b: { c: 2, d: undefined } } }))
  const other = applied(objectWith({ spec: { b: { c: 2 }, a: 1 } }))
  assert.deepEqual(one.metadata.annotations, other.metadata.annotations)
  assert.match(one.metadata.annotations?.[APPLIED_ANNOTATION] ?? '', /^[0-9a-f]{10}$/)
  assert.deepEqual(applied(one), one)
  assert.equal(differs(one, other), undefined)
})

test('own annotations stay beside the hash', () => {
  const { annotations } = applied({ ...objectWith({}), metadata: { name: 'a', annotations: { mine: 'x' } } }).metadata
  assert.deepEqual(Object.keys(annotations ?? {}), ['mine', APPLIED_ANNOTATION])
})

test('labels, finalizers and owners of others do not count, missing ones of ours do', () => {
  const owner = { apiVersion: 'v1', kind: 'X', name: 'x', uid: '1' }
  const other = { ...owner, uid: '2' }
  const desired = { ...objectWith({}), metadata: { name: 'a', labels: { a: '' }, finalizers: ['f'], ownerReferences: [owner] } }
  const { annotations } = applied(desired).metadata
  const live = (metadata: object): KubeObject => ({ ...desired, metadata: { ...desired.metadata, annotations, ...metadata } })
  assert.equal(differs(desired, live({ labels: { b: 'c', a: '' }, finalizers: ['g', 'f'], ownerReferences: [other, owner] })), undefined)
  assert.equal(differs(desired, live({ labels: { b: 'c' } })), 'metadata.labels.a')
  assert.equal(differs(desired, live({ finalizers: ['g'] })), 'metadata.finalizers')
  assert.equal(differs(desired, live({ ownerReferences: [other] })), 'metadata.ownerReferences[1]')
})

test('lists that are merged by a key may hold elements of others, in any order', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ]
  assert.equal(after(container({ env }), container({ env: [{ name: 'X', value: 'y' }, ...env.toReversed()] })), undefined)
  assert.equal(after(container({ env }), container({ env: env.slice(1) })), 'spec.template.spec.containers[app].env[A]')
  const sidecar = podSpec({ containers: [{ name: 'proxy' }, { name: 'app', image: 'x' }] })
  assert.equal(after(container({ image: 'x' }), sidecar), undefined)
  const ports = [{ port: 53, protocol: 'UDP' }, { port: 53 }]
  const livePorts = [
    { port: 53, protocol: 'TCP', targetPort: 53 },
    { port: 53, protocol: 'UDP', targetPort: 53 },
  ]
  assert.equal(after({ spec: { ports } }, { spec: { ports: livePorts } }), undefined)
  assert.equal(after({ spec: { ports } }, { spec: { ports: livePorts.slice(1) } }), 'spec.ports[53/TCP]')
})

test('mounts of one volume are told apart by their path', () => {
  const mounts = [
    { name: 'config', mountPath: '/a', subPath: 'a', readOnly: true },
    { name: 'config', mountPath: '/b', subPath: 'b', readOnly: true },
  ]
  assert.equal(after(container({ volumeMounts: mounts }), container({ volumeMounts: mounts.toReversed() })), undefined)
  const [a, b] = mounts
  assert.equal(
    after(container({ volumeMounts: mounts }), container({ volumeMounts: [a, { ...b, subPath: 'x' }] })),
    'spec.template.spec.containers[app].volumeMounts[/b].subPath',
  )
})

test('other lists are compared in order and length', () => {
  assert.equal(after(container({ args: ['a', 'b'] }), container({ args: ['b', 'a'] })), 'spec.template.spec.containers[app].args[0]')
  assert.equal(after(container({ args: ['a'] }), container({ args: ['a', 'b'] })), 'spec.template.spec.containers[app].args')
  const tolerations = [{ operator: 'Exists' }]
  assert.equal(after(podSpec({ tolerations }), podSpec({ tolerations: [{ operator: 'Exists', key: 'x' }] })), undefined)
  const terms = [{ name: 'x' }, { name: 'y' }]
  assert.equal(after({ spec: { terms } }, { spec: { terms: [...terms, { name: 'z' }] } }), 'spec.terms')
})

test('quantities are compared by value, where they are quantities', () => {
  const resources = { requests: { cpu: '1000m', memory: '1Gi' }, limits: { cpu: 0.5 } }
  assert.equal(after(container({ resources }), container({ resources: { requests: { cpu: '1', memory: '1024Mi' }, limits: { cpu: '500m' } } })), undefined)
  assert.equal(
    after(container({ resources }), container({ resources: { requests: { cpu: '1', memory: '1025Mi' }, limits: { cpu: '500m' } } })),
    'spec.template.spec.containers[app].resources.requests.memory',
  )
  assert.equal(after({ data: { size: '1Gi' } }, { data: { size: '1024Mi' } }), 'data.size')
})

test('what the server does not store counts as there', () => {
  const empty = {
    env: [],
    resources: {},
    command: null,
    workingDir: '',
    volumeMounts: [{ mountPath: '/a', name: 'a', readOnly: false }],
    securityContext: undefined,
  }
  assert.equal(after(container(empty), container({ resources: {}, volumeMounts: [{ mountPath: '/a', name: 'a' }] })), undefined)
  assert.equal(after(podSpec({ hostNetwork: false, nodeSelector: {}, affinity: { nodeAffinity: {} } }), podSpec({})), undefined)
  assert.equal(after({ data: {}, spec: { minReadySeconds: 0 } }, { spec: {} }), undefined)
  assert.equal(after({ spec: { ports: [{ port: 80, nodePort: 0 }] } }, { spec: { ports: [{ port: 80, nodePort: 30_123 }] } }), undefined)
})

test('what means something although it is empty is missed', () => {
  assert.equal(after({ spec: { replicas: 0 } }, { spec: {} }), 'spec.replicas')
  assert.equal(after({ spec: { replicas: 0 } }, { spec: { replicas: 1 } }), 'spec.replicas')
  const flags = { automountServiceAccountToken: false }
  assert.equal(after(podSpec(flags), podSpec({})), 'spec.template.spec.automountServiceAccountToken')
  assert.equal(after(podSpec({ nodeSelector: { 'x/y': '' } }), podSpec({ nodeSelector: {} })), 'spec.template.spec.nodeSelector[x/y]')
  assert.equal(after(podSpec({ nodeSelector: { 'x/y': '' } }), podSpec({})), 'spec.template.spec.nodeSelector')
  assert.equal(after({ spec: { storageClassName: '' } }, { spec: {} }), 'spec.storageClassName')
  const volumes = [{ name: 'a', emptyDir: {} }]
  assert.equal(after(podSpec({ volumes }), podSpec({ volumes: [{ name: 'a', hostPath: { path: '/' } }] })), 'spec.template.spec.volumes[a].emptyDir')
})

test('a value of another type differs', () => {
  assert.equal(after({ spec: { a: [1] } }, { spec: { a: { b: 1 } } }), 'spec.a')
  assert.equal(after({ spec: { a: { b: 1 } } }, { spec: { a: 'b' } }), 'spec.a')
  assert.equal(after({ spec: { a: '1' } }, { spec: { a: 1 } }), 'spec.a')
})
