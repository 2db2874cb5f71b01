// A cloud that is Ready, before a real API server: nothing is written while nothing changes, what somebody changes comes back, and clouds do not touch each other.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { annotations, apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import { freePorts } from '../daemon.ts'
import { playControllers, willingOutside } from './converged.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'
import { startPrometheus } from './prometheus.ts'

const { nodes, secrets, services, deployments, statefulSets, daemonSets, jobs, podDisruptionBudgets, persistentVolumeClaims } = ResourceTypes
const NODE = 'steady-node'
/** A Secret of nobody's whose changes stand in the audit log. */
const MARK = 'mark'

describe('a cloud that is Ready', () => {
  let kube: Kubernetes
  let person: KubeClient
  let operator: TestOperator | undefined
  let metricsPort: number
  const played = new AbortController()

  const get = async (type: ResourceType, name: string, namespace = 'one') => {
    const object = await person.get(type, type.namespaced ? namespace : undefined, name)
    assert.ok(object, `${type.kind} ${name}`)
    return object
  }
  const patch = (type: ResourceType, name: string, body: unknown, namespace = 'one') =>
    person.patch(type, type.namespaced ? namespace : undefined, name, body, { type: 'merge', fieldManager: 'person' })
  const cluster = async (namespace = 'one') => (await get(openStackClusters, 'cloud', namespace)) as unknown as OpenStackCluster
  const readiness = async (namespace = 'one') => (await cluster(namespace)).status?.conditions?.find(({ type }) => type === 'Ready')
  const make = async (namespace: string, spec: Record<string, unknown> = {}) => {
    await person.create(openStackClusters, { apiVersion, kind, metadata: { name: 'cloud', namespace }, spec })
  }
  const ready = (namespace = 'one') =>
    eventually(`the cloud in ${namespace} is Ready`, async () => {
      const { status, metadata } = await cluster(namespace)
      return status?.observedGeneration === metadata.generation && (await readiness(namespace))?.status === 'True' ? true : undefined
    })
  let marks = 0
  /** Every write until now. One is told a moment after its answer, so that a mark of ours is waited for. */
  const audited = async () => {
    await patch(secrets, MARK, { metadata: { annotations: { 'example.com/count': String(++marks) } } })
    return eventually(`the audit log tells of mark ${marks}`, async () => {
      const all = await kube.audit()
      return all.filter(({ verb, objectRef }) => verb === 'patch' && objectRef.name === MARK).length < marks ? undefined : all
    })
  }
  /** What the operator has written since there were so many writes, as `verb resource namespace/name`. */
  const writesSince = async (count: number) =>
    (await audited())
      .slice(count)
      .filter(({ userAgent }) => userAgent === 'teruwa')
      .map(
        ({ verb, objectRef: { resource, subresource, namespace, name } }) => `${verb} ${resource}${subresource ? `/${subresource}` : ''} ${namespace}/${name}`,
      )
  /** Has everything looked at, and waits for it: what was to be done before is done then. */
  const lookedAt = async (wish: string, namespace = 'one') => {
    await patch(openStackClusters, 'cloud', { metadata: { annotations: { [annotations.reconcileRequestedAt]: wish } } }, namespace)
    await eventually(`the look ${wish} is done`, async () => ((await cluster(namespace)).status?.lastHandledReconcileAt === wish ? true : undefined))
  }

  before(async () => {
    kube = await kubernetes({ audit: true, userAgent: 'person', namespaces: ['one', 'two'] })
    person = kube.client
    await person.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: MARK, namespace: 'one' } })
    await makeNode(person, NODE)
    await heartbeat(0)
    playControllers(person, played.signal)
    await make('one', { services: { keystone: { replicas: 2 } } })
    ;[metricsPort = 0] = await freePorts(1)
    operator = startOperator({ kubeconfig: kube.kubeconfigPath, outside: willingOutside, metricsPort })
    await ready()
  })

  after(async () => {
    await operator?.stop()
    played.abort()
    await kube?.stop()
  })

  /** What a kubelet says of itself every few seconds. */
  async function heartbeat(count: number): Promise<void> {
    const time = new Date(Date.UTC(2030, 0, 1, 0, 0, count)).toISOString().replace('.000', '')
    const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: time, lastTransitionTime: '2030-01-01T00:00:00Z' }]
    const body = { status: { conditions, addresses: [{ type: 'InternalIP', address: '10.0.0.1' }] } }
    await person.patch(nodes, undefined, NODE, body, { type: 'merge', subresource: 'status' })
  }

  test('nothing is written while nothing changes, whatever else goes on, and what others have put there stays', async () => {
    // What follows from the bring-up's last answers is done by the second look.
    for (const wish of ['before', 'at rest']) await lookedAt(wish)
    const { length } = await audited()
    for (let count = 1; count <= 5; count++) await heartbeat(count)
    await patch(deployments, 'nova-api', { metadata: { labels: { 'example.com/owner': 'somebody' } } })
    await patch(services, 'keystone-api', { metadata: { labels: { 'example.com/team': 'cloud' } } })
    await person.create(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'somebodys', namespace: 'one' } })
    await lookedAt('after')
    assert.deepEqual(await writesSince(length), ['patch openstackclusters/status one/cloud'], 'that the look was done')
    assert.equal((await get(deployments, 'nova-api')).metadata.labels?.['example.com/owner'], 'somebody')
    assert.equal((await get(services, 'keystone-api')).metadata.labels?.['example.com/team'], 'cloud')
  })

  const containersOf = ({ spec }: KubeObject) => (spec as { template: { spec: { containers: Record<string, unknown>[] } } }).template.spec.containers
  const firstArgs = (object: KubeObject) => containersOf(object)[0]?.['args']
  const withArgs = async (type: ResourceType, name: string, args: string[]) => {
    const [first, ...others] = containersOf(await get(type, name))
    return { spec: { template: { spec: { containers: [{ ...first, args }, ...others] } } } }
  }
  /** What is edited, how, and the field that must be as before. */
  const edits: readonly [type: ResourceType, name: string, body: () => Promise<unknown>, field: (object: KubeObject) => unknown][] = [
    [deployments, 'keystone-api', () => withArgs(deployments, 'keystone-api', ['sleep']), firstArgs],
    [deployments, 'glance-api', async () => ({ spec: { replicas: 0 } }), ({ spec }) => (spec as { replicas: number }).replicas],
    [deployments, 'nova-conductor', async () => ({ metadata: { ownerReferences: [] } }), ({ metadata }) => metadata.ownerReferences],
    [statefulSets, 'mariadb', () => withArgs(statefulSets, 'mariadb', ['sleep']), firstArgs],
    [daemonSets, 'libvirt', async () => ({ metadata: { labels: { 'app.kubernetes.io/component': 'x' } } }), ({ metadata }) => metadata.labels],
    [services, 'keystone-api', async () => ({ spec: { selector: { 'app.kubernetes.io/name': 'x' } } }), ({ spec }) => (spec as { selector: unknown }).selector],
    [secrets, 'nova-config', async () => ({ data: { 'nova.conf': 'W0RFRkFVTFRdCg==' } }), ({ data }) => data],
    [secrets, 'cloud-admin', async () => ({ data: { password: null } }), ({ data }) => data],
    [podDisruptionBudgets, 'keystone-api', async () => ({ spec: { maxUnavailable: 2 } }), ({ spec }) => spec],
  ]
  for (const [type, name, body, field] of edits) {
    test(`${type.kind} ${name}, edited by somebody, is as it was`, async () => {
      const before = await get(type, name)
      const edited = await patch(type, name, await body())
      assert.notDeepEqual(field(edited), field(before), 'it was edited')
      await eventually(`${name} is as it was`, async () => {
        const found = JSON.stringify(field(await get(type, name)))
        return found === JSON.stringify(field(before)) ? true : undefined
      })
    })
  }

  const deleted: readonly [type: ResourceType, name: string][] = [
    [deployments, 'placement-api'],
    [statefulSets, 'rabbitmq'],
    [daemonSets, 'nova-compute'],
    [services, 'glance-api'],
    [secrets, 'keystone-fernet-keys'],
    [podDisruptionBudgets, 'keystone-api'],
  ]
  for (const [type, name] of deleted) {
    test(`${type.kind} ${name}, deleted by somebody, is made again`, async () => {
      const { metadata } = await get(type, name)
      await person.delete(type, 'one', name)
      await eventually(`there is another ${name}`, async () => {
        const found = await person.get(type, 'one', name)
        return found !== undefined && found.metadata.uid !== metadata.uid ? true : undefined
      })
    })
  }

  test('a Job that is deleted runs again, and the cloud is Ready again', async () => {
    const { items } = await person.list(jobs, { namespace: 'one' })
    const job = items.find(({ metadata }) => metadata.name.startsWith('keystone-schema-'))
    assert.ok(job)
    await person.delete(jobs, 'one', job.metadata.name)
    await eventually('there is another Job', async () => {
      const found = await person.get(jobs, 'one', job.metadata.name)
      return found !== undefined && found.metadata.uid !== job.metadata.uid ? true : undefined
    })
    await ready()
  })

  test('the Secret of credentials, deleted by somebody, comes back with what cannot be made anew as it was', async () => {
    await lookedAt('all is as it was')
    const before = (await get(secrets, 'cloud-credentials')).data ?? {}
    await person.delete(secrets, 'one', 'cloud-credentials')
    const { data = {} } = await eventually('it is back', async () => person.get(secrets, 'one', 'cloud-credentials'))
    for (const name of ['keystone.fernet', 'keystone.credential', 'keystone.admin', 'rabbitmq.admin']) assert.equal(data[name], before[name], name)
    await ready()
  })

  test('a second cloud that cannot go on holds nobody up, says why, and goes on by itself; neither touches the other', async () => {
    await person.create(persistentVolumeClaims, {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'data-mariadb-0', namespace: 'two' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
    })
    await make('two')
    await eventually('the second says what it lacks', async () => ((await readiness('two'))?.reason === 'CredentialsLost' ? true : undefined))
    assert.match((await readiness('two'))?.message ?? '', /Secret two\/cloud-credentials: the key keystone\.admin is missing/)
    assert.deepEqual((await person.list(statefulSets, { namespace: 'two' })).items, [], 'nothing of it is made')

    await patch(openStackClusters, 'cloud', { spec: { backing: { cache: { memoryMiB: 77 } } } })
    await eventually('the first has its change', async () => (JSON.stringify(await get(deployments, 'memcached')).includes('"77"') ? true : undefined))
    await ready()

    await lookedAt('the first is at rest')
    const { length } = await audited()
    const anew = { [annotations.makeAnew]: 'keystone.admin,keystone.credential' }
    await patch(openStackClusters, 'cloud', { metadata: { annotations: anew } }, 'two')
    await ready('two')
    const writes = await writesSince(length)
    assert.ok(writes.length > 40)
    assert.deepEqual(
      writes.filter((write) => write.includes(' one/')),
      [],
      'the first is not written to',
    )
    assert.equal((await readiness())?.status, 'True')
  })

  test('a real Prometheus has the series of both clouds, with their own namespaces, and can look at every alert; those of a cloud that is deleted end', async (t) => {
    const prometheus = await startPrometheus(metricsPort)
    t.after(() => prometheus.stop())
    const found = async (expression: string) => (await prometheus.query(expression)).map(({ metric, value }) => `${metric['namespace']} ${value}`).toSorted()
    const ready = 'teruwa_cluster_condition{cloud="cloud",condition="Ready",status="true"}'
    await eventually('both clouds are seen to be ready', async () => {
      const seen = await found(ready)
      return JSON.stringify(seen) === '["one 1","two 1"]' ? true : undefined
    })
    assert.deepEqual(await found('teruwa_service_up{service="keystone"}'), ['one 1', 'two 1'])
    assert.deepEqual(await found('teruwa_hypervisors{state="Up"}'), ['one 1', 'two 1'])
    assert.deepEqual(await found('sum by (namespace) (controller_runtime_reconcile_total) > bool 0'), ['teruwa-system 1'])
    assert.deepEqual(await found('up'), ['teruwa-system 1'])
    const alerts = await eventually('every alert was looked at', async () => {
      const rules = await prometheus.rules()
      return rules.some(({ health }) => health === 'unknown') ? undefined : rules
    })
    assert.ok(alerts.length >= 15)
    assert.deepEqual(
      alerts.filter(({ health }) => health !== 'ok'),
      [],
    )
    await person.delete(openStackClusters, 'two', 'cloud')
    await eventually('the series of the second end', async () => ((await found('{__name__=~"teruwa_.*",namespace="two"}')).length === 0 ? true : undefined))
    assert.deepEqual(await found(ready), ['one 1'])
  })
})
