import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OpenStackCluster, OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import { KubeError } from '../kube/error.ts'
import { MemoryLog } from '../kube/test-log.ts'
import type { KubeObject } from '../kube/types.ts'
import type { DefinitionFault } from './definitions.ts'
import { Faults } from './faults.ts'
import { Reporter } from './reporter.ts'
import { statusOf } from './status.ts'
import { TestWorld, clusterOf } from './test-world.ts'

const { signal } = new AbortController()
const key = 'openstack/teruwa'
const mayNot = (verb: string, resource: string) =>
  new KubeError({
    method: 'PATCH',
    path: '/',
    status: 403,
    detail: `"a" is forbidden: User "u" cannot ${verb} resource "${resource}" in API group "openstack.teruwa.io"`,
  })

/** A reporter whose words are kept. `statusError` and `recordError` are what the API server answers to a write. */
function testReporter(options: { readonly statusError?: Error; readonly recordError?: Error; readonly fault?: DefinitionFault; readonly lacks?: string } = {}) {
  const { statusError, recordError, fault, lacks } = options
  const written: OpenStackClusterStatus[] = []
  const told: string[] = []
  const log = new MemoryLog()
  const faults = new Faults()
  const writeStatus = (_cluster: OpenStackCluster, status: OpenStackClusterStatus) => {
    if (statusError !== undefined) return Promise.reject(statusError)
    written.push(status)
    return Promise.resolve()
  }
  const apply = (_type: unknown, object: KubeObject) => (recordError === undefined ? Promise.resolve(object) : Promise.reject(recordError))
  const fit = <Status>(_kind: string, status: Status): Status => {
    if (lacks === undefined) return status
    return Object.fromEntries(Object.entries(status as object).filter(([field]) => field !== lacks)) as Status
  }
  const reporter = new Reporter({
    client: { apply, delete: () => Promise.resolve() },
    watches: { seesHypervisors: () => true, hypervisor: () => undefined, hypervisorsOf: () => [], forbiddenHypervisors: () => undefined },
    clusters: { writeStatus },
    events: { record: (_object, type, reason, message) => void told.push(`${type} ${reason} ${message}`) },
    log,
    faults,
    definitions: { fault: () => fault, fit },
    operatorImage: 'teruwa/operator:0',
    now: () => Date.parse('2026-01-01T12:00:00Z'),
  })
  return { reporter, written, told, log, faults }
}

/** What a cluster says of itself at first, and once that is written. */
function firstStatus(): { cluster: OpenStackCluster; status: OpenStackClusterStatus } {
  const world = new TestWorld()
  return { cluster: world.cluster, status: statusOf(world.cluster, world.scope(), world.plan(), new Date('2026-01-01T12:00:00Z')) }
}

/** As the API server gives it back. */
function withStatus(cluster: OpenStackCluster, status: OpenStackClusterStatus | undefined): OpenStackCluster {
  return { ...cluster, status: JSON.parse(JSON.stringify(status)) as OpenStackClusterStatus }
}

test('a status is written with who says it, and not again while it says the same', async () => {
  const { reporter, written, log } = testReporter()
  const { cluster, status } = firstStatus()
  await reporter.status(cluster, status, signal)
  assert.equal(written[0]?.operator, 'teruwa/operator:0')
  assert.deepEqual(
    log.lines.map(({ message, fields }) => [message, fields['cluster'], fields['ready']]),
    [['cluster state', key, 'False']],
  )
  await reporter.status(withStatus(cluster, written[0]), status, signal)
  assert.equal(written.length, 1)
  await reporter.status(withStatus(cluster, { ...written[0], operator: 'teruwa/operator:1' }), status, signal)
  assert.equal(written.length, 2)
})

test('what is wrong with the installation is in every status, and an event once', async () => {
  const { reporter, written, told, faults } = testReporter({ fault: { reason: 'OutdatedDefinition', message: 'too old', blocks: false } })
  const { cluster, status } = firstStatus()
  faults.take(key, 'act', [mayNot('patch', 'jobs')])
  await reporter.status(cluster, status, signal)
  const condition = written[0]?.conditions?.find(({ type }) => type === 'InstallationFaulty')
  assert.match(condition?.message ?? '', /may not patch jobs\.openstack\.teruwa\.io.*; too old$/)
  assert.equal(told.filter((each) => each.startsWith('Warning MissingRights')).length, 1)
  await reporter.status(withStatus(cluster, written[0]), { ...status, release: 'other' }, signal)
  assert.equal(told.filter((each) => each.startsWith('Warning MissingRights')).length, 1)
})

test('a field that the definition does not have is left out, and makes nothing new', async () => {
  const { reporter, written } = testReporter({ lacks: 'operator' })
  const { cluster, status } = firstStatus()
  await reporter.status(cluster, status, signal)
  assert.ok(!('operator' in (written[0] ?? {})))
  await reporter.status(withStatus(cluster, written[0]), status, signal)
  assert.equal(written.length, 1)
})

test('a status that must not be written is for /readyz; why a cluster is left as it is then fails nobody', async () => {
  const { reporter, told, faults } = testReporter({ statusError: mayNot('patch', 'openstackclusters') })
  const { cluster, status } = firstStatus()
  await assert.rejects(reporter.status(cluster, status, signal), { status: 403 })
  assert.match(faults.untold().join(), /may not patch openstackclusters/)
  await reporter.held(cluster, { reason: 'NamespaceInUse', message: 'another one' }, signal)
  assert.deepEqual(told, [])
  const away = testReporter({ statusError: new KubeError({ method: 'PATCH', path: '/' }) })
  await assert.rejects(away.reporter.held(cluster, { reason: 'NamespaceInUse', message: 'another one' }, signal), /got no answer/)
})

test('who is held is stalled, who waits is not', async () => {
  const { reporter, written } = testReporter()
  const { cluster } = firstStatus()
  const stalled = (status: OpenStackClusterStatus | undefined) => status?.conditions?.find(({ type }) => type === 'Stalled')?.status
  await reporter.held(cluster, { reason: 'NamespaceInUse', message: 'another one' }, signal)
  await reporter.waiting(cluster, { reason: 'Deleting', message: 'pods' }, signal)
  assert.deepEqual(written.map(stalled), ['True', 'False'])
})

test('a problem is told once, until it is another one', () => {
  const { reporter, told } = testReporter()
  const step = { waitsFor: [], objects: [], changes: [], callStamp: '', failedJobs: [], incomplete: false, state: 'Failed' } as const
  const problem = { reason: 'Refused', message: 'too many ports' }
  const cluster = { ...clusterOf(), status: { steps: [{ id: 'old', state: 'Failed', message: 'too many ports' }] } } as OpenStackCluster
  reporter.problems(cluster, [
    { ...step, id: 'old', message: problem.message, problem },
    { ...step, id: 'new', message: problem.message, problem },
    { ...step, id: 'fine', state: 'Ready', message: '' },
  ])
  assert.deepEqual(told, ['Warning Refused new: too many ports'])
})

test('Hypervisors that must not be written are a fault of the installation; any other error is handed on', async () => {
  const world = new TestWorld()
  const lacking = testReporter({ recordError: mayNot('patch', 'hypervisors') })
  assert.deepEqual(await lacking.reporter.hypervisors(world.cluster, world.scope(), signal), [])
  assert.match(lacking.reporter.faultsOf(key)[0]?.message ?? '', /may not patch hypervisors/)
  lacking.reporter.forget(key)
  assert.deepEqual(lacking.reporter.faultsOf(key), [])
  const error = new Error('connection refused')
  assert.deepEqual(await testReporter({ recordError: error }).reporter.hypervisors(world.cluster, world.scope(), signal), [error])
})
