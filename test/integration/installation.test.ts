// The operator with exactly the rights that the chart gives it, with fewer, and with definitions that are older than it is: before a real API server.

import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { crd, hypervisorCrd } from '../../operator/api/crd.ts'
import { rights } from '../../operator/api/rights.ts'
import { apiVersion, kind, labels } from '../../operator/api/v1alpha1/index.ts'
import type { Condition, OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { customResourceDefinitions } from '../../operator/cluster/definitions.ts'
import { hypervisors, openStackClusters } from '../../operator/cluster/watches.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import { accountKubeconfig, applyChart } from './chart-account.ts'
import { playControllers, willingOutside } from './converged.ts'
import { serveResources } from './crd.ts'
import { kubernetes, makeNode } from './kubernetes.ts'
import type { Kubernetes } from './kubernetes.ts'
import { eventually, startOperator } from './operator.ts'
import type { TestOperator } from './operator.ts'

const { nodes, deployments, jobs } = ResourceTypes
const SYSTEM = 'installation-system'
const NAMESPACE = 'installation'
const NODE = 'installation-node'
const ROLE = 'own-teruwa'
const clusterRoles: ResourceType = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', plural: 'clusterroles', namespaced: false }

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
}

describe('an installation', () => {
  let kube: Kubernetes
  let folder: string
  let admin: KubeClient
  let kubeconfig: string
  let operator: TestOperator | undefined
  let role: readonly Rule[]
  const played = new AbortController()

  const start = () => {
    const definitions = { own: [crd(), hypervisorCrd()] as unknown as KubeObject[], remedy: 'kubectl apply them' }
    operator = startOperator({ kubeconfig, outside: willingOutside, leaderElection: { namespace: SYSTEM, name: 'teruwa' }, definitions })
  }
  const restart = async () => {
    await operator?.stop()
    start()
  }
  const cluster = async () => (await admin.get(openStackClusters, NAMESPACE, 'cloud')) as OpenStackCluster | undefined
  const condition = async (type: string) => (await cluster())?.status?.conditions?.find((each) => each.type === type)
  const until = (what: string, type: string, holds: (condition: Condition | undefined) => boolean) =>
    eventually(what, async () => {
      const found = await condition(type)
      return holds(found) ? { ...found } : undefined
    })
  const ready = () => until('the cloud is Ready', 'Ready', (found) => found?.status === 'True')
  const patch = (spec: object) => admin.patch(openStackClusters, NAMESPACE, 'cloud', { spec }, { type: 'merge' })
  const wake = async () => admin.patch(nodes, undefined, NODE, { metadata: { labels: { woken: String(Date.now()) } } }, { type: 'merge' })
  const relabel = (label: '' | null) => admin.patch(nodes, undefined, NODE, { metadata: { labels: { [labels.hypervisor]: label } } }, { type: 'merge' })
  /** The chart's ClusterRole, with other rules. */
  const grant = (rules: readonly Rule[]) => admin.patch(clusterRoles, undefined, ROLE, { rules }, { type: 'merge' })
  /** Without these verbs on a resource. */
  const without = (resource: string, ...verbs: string[]) =>
    grant(
      role
        .map((rule) => (rule.resources.includes(resource) ? { ...rule, verbs: rule.verbs.filter((verb) => !verbs.includes(verb)) } : rule))
        .filter((rule) => rule.verbs.length > 0),
    )

  before(async () => {
    kube = await kubernetes({ audit: true, userAgent: 'person', namespaces: [SYSTEM, NAMESPACE], resources: false })
    admin = kube.client
    folder = await mkdtemp(join(tmpdir(), 'teruwa-installation-'))
    await applyChart(kube, SYSTEM)
    await serveResources(kube)
    role = (await admin.get(clusterRoles, undefined, ROLE))?.['rules'] as Rule[]
    await makeNode(admin, NODE)
    playControllers(admin, played.signal)
    kubeconfig = await accountKubeconfig(kube, SYSTEM, folder)
    start()
  })

  after(async () => {
    await operator?.stop()
    played.abort()
    if (folder) await rm(folder, { recursive: true })
    await kube?.stop()
  })

  test('with the rights of the chart a cloud comes up, changes and is deleted; none was too few, and no right to write was for nothing', async () => {
    const spec = { deletionPolicy: 'Delete', services: { keystone: { replicas: 2 }, barbican: { enabled: true } } }
    await admin.create(openStackClusters, { apiVersion, kind, metadata: { name: 'cloud', namespace: NAMESPACE }, spec })
    await ready()
    await patch({ services: { keystone: { replicas: 1 }, barbican: { enabled: false }, horizon: { enabled: false } } })
    await eventually('barbican is gone', async () => {
      const [api, { items }] = [await admin.get(deployments, NAMESPACE, 'barbican-api'), await admin.list(jobs, { namespace: NAMESPACE })]
      return api === undefined && !items.some(({ metadata }) => metadata.name.startsWith('barbican')) ? true : undefined
    })
    await relabel(null)
    await eventually('there is no hypervisor', async () => ((await admin.get(hypervisors, NAMESPACE, NODE)) === undefined ? true : undefined))
    await relabel('')
    await ready()
    await admin.delete(openStackClusters, NAMESPACE, 'cloud')
    await eventually('the cloud is gone', async () => ((await cluster()) === undefined ? true : undefined))

    const ours = async () => (await kube.audit()).filter(({ userAgent }) => userAgent === 'teruwa')
    await eventually('the lease is renewed', async () =>
      (await ours()).some(({ verb, objectRef }) => `${verb} ${objectRef.resource}` === 'update leases') ? true : undefined,
    )
    const own = await ours()
    const nameOf = ({ objectRef: { resource, subresource } }: (typeof own)[number]) => (subresource === undefined ? resource : `${resource}/${subresource}`)
    const refused = own.filter(({ responseStatus }) => responseStatus?.code === 403)
    assert.deepEqual(
      refused.map((event) => `${event.verb} ${nameOf(event)}`),
      [],
    )
    const done = new Set(own.map((event) => `${event.verb} ${nameOf(event)}`))
    // Server-side apply makes what is not there, and its verb is patch.
    for (const each of done) if (each.startsWith('patch ')) done.add(each.replace('patch', 'create'))
    const granted = Object.values(rights)
      .flat()
      .flatMap(({ resources, verbs }) => verbs.flatMap((verb) => resources.map((resource) => `${verb} ${resource}`)))
      .filter((each) => !/^(get|list|watch) /.test(each))
    // What is told again within some minutes, which need not happen, and what an admission plugin asks for that is off here.
    for (const each of ['patch events', 'update openstackclusters/finalizers']) done.add(each)
    assert.deepEqual(
      granted.filter((each) => !done.has(each)),
      [],
    )
  })

  test('a right to write that is taken away is named, with the remedy, and what runs goes on running', async () => {
    await admin.create(openStackClusters, { apiVersion, kind, metadata: { name: 'cloud', namespace: NAMESPACE }, spec: {} })
    await ready()
    await without('deployments', 'patch')
    await patch({ services: { nova: { replicas: 2 } } })
    const bad = await until('the condition says so', 'Ready', (found) => found?.reason === 'MissingRights')
    assert.match(bad.message ?? '', /may not patch deployments\.apps in namespace installation: grant it that, .*docs\/rbac\.md/)
    assert.equal((await condition('KeystoneReady'))?.status, 'True')
    await grant(role)
    await wake()
    await ready()
  })

  test('without the right to tell events, the cloud is Ready and says what is missing', async () => {
    const horizon = (enabled: boolean) => patch({ services: { horizon: { enabled } } })
    const isThere = (there: boolean) => eventually('the change is done', async () => ((await condition('HorizonReady')) !== undefined) === there || undefined)
    await horizon(false)
    await isThere(false)
    await without('events', 'create')
    await horizon(true)
    const bad = await until('the condition says so', 'InstallationFaulty', (found) => found?.status === 'True')
    assert.match(bad.message ?? '', /may not create events\.events\.k8s\.io in namespace installation/)
    await ready()
    await grant(role)
    await horizon(false)
    await isThere(false)
    await horizon(true)
    await eventually('it is over', async () => (await condition('InstallationFaulty')) === undefined || undefined)
  })

  test('without the right to remove a Hypervisor, the condition says so until it may', async () => {
    await without('hypervisors', 'delete')
    await relabel(null)
    const bad = await until('the condition says so', 'InstallationFaulty', (found) => found?.reason === 'MissingRights')
    assert.match(bad.message ?? '', /may not delete hypervisors\.openstack\.teruwa\.io in namespace installation/)
    assert.ok(await admin.get(hypervisors, NAMESPACE, NODE))
    await grant(role)
    await wake()
    await eventually('it is gone', async () => ((await admin.get(hypervisors, NAMESPACE, NODE)) === undefined ? true : undefined))
    await eventually('it is over', async () => (await condition('InstallationFaulty')) === undefined || undefined)
    await relabel('')
    await ready()
  })

  test('without the right to write a status, the log says so', async () => {
    await without('openstackclusters/status', 'patch')
    await patch({ services: { nova: { replicas: 1 } } })
    const said = () =>
      operator?.lines.find((line) => line.includes('a right is missing') && line.includes('may not patch openstackclusters.openstack.teruwa.io/status'))
    await eventually('it is said', async () => said())
    await grant(role)
  })

  test('without the right to list hypervisors, all but them is as ever', async () => {
    await without('hypervisors', 'list')
    await restart()
    const bad = await until('the condition says so', 'InstallationFaulty', (found) => found?.reason === 'MissingRights')
    assert.match(bad.message ?? '', /may not list and watch hypervisors\.openstack\.teruwa\.io/)
    await ready()
    await grant(role)
  })

  test('without its Lease it does not begin, and says why', async () => {
    await operator?.stop()
    const roles: ResourceType = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', plural: 'roles', namespaced: true }
    const lease = (await admin.get(roles, SYSTEM, ROLE))?.['rules']
    await admin.patch(roles, SYSTEM, ROLE, { rules: [] }, { type: 'merge' })
    start()
    await eventually('it is said', async () =>
      operator?.lines.find((line) => line.includes('a right is missing') && /may not get leases\.coordination\.k8s\.io in namespace/.test(line)),
    )
    await admin.patch(roles, SYSTEM, ROLE, { rules: lease }, { type: 'merge' })
    await eventually('it leads', async () => operator?.lines.find((line) => line.includes('leading')))
  })

  /** Replaces a definition by one without a field of the spec or of the status. */
  async function define(part: 'spec' | 'status', field: string): Promise<void> {
    const definition = structuredClone(crd())
    const schema = definition.spec.versions[0]?.schema.openAPIV3Schema.properties?.[part]
    assert.ok(schema?.properties?.[field])
    delete schema.properties[field]
    if (typeof schema.default === 'object' && schema.default !== null) delete (schema.default as Record<string, unknown>)[field]
    await admin.apply(customResourceDefinitions, definition, { fieldManager: 'test', force: true })
  }

  test('a status that the definition has no room for is told without, and the condition says what it lacks', async () => {
    await ready()
    await define('status', 'operator')
    await restart()
    const bad = await until('the condition says so', 'InstallationFaulty', (found) => found?.reason === 'OutdatedDefinition')
    assert.match(
      bad.message ?? '',
      /the definition of OpenStackCluster in this Kubernetes is older than the operator, and lacks status\.operator\. .*kubectl apply them/,
    )
    assert.equal((await cluster())?.status?.operator, undefined)
    await patch({ services: { horizon: { enabled: false } } })
    await eventually('it goes on working', async () => ((await admin.get(deployments, NAMESPACE, 'horizon-web')) === undefined ? true : undefined))
  })

  test('where the operator counts on what the definition lacks, everything stays as it is until it is applied, and then goes on by itself', async () => {
    const before = await admin.list(deployments, { namespace: NAMESPACE })
    await define('spec', 'timeSync')
    await restart()
    const bad = await until('the condition says so', 'Ready', (found) => found?.reason === 'OutdatedDefinition')
    assert.match(bad.message ?? '', /lacks spec\.timeSync\. Helm .*kubectl apply them; until then everything stays as it is/)
    assert.ok(operator?.lines.some((line) => line.includes('the definitions are older than the operator')))
    const versions = ({ items }: { items: readonly KubeObject[] }) => items.map(({ metadata }) => `${metadata.name} ${metadata.generation}`)
    assert.deepEqual(versions(await admin.list(deployments, { namespace: NAMESPACE })), versions(before))
    await serveResources(kube)
    await ready()
    assert.equal((await cluster())?.status?.operator, 'teruwa/operator:test')
  })

  test('without any definition it is not ready and says what to do, and begins by itself', async () => {
    await admin.delete(openStackClusters, NAMESPACE, 'cloud')
    await eventually('the cloud is gone', async () => ((await cluster()) === undefined ? true : undefined))
    await operator?.stop()
    for (const { metadata } of [crd(), hypervisorCrd()]) await admin.delete(customResourceDefinitions, undefined, metadata.name)
    await eventually('nothing is served', async () =>
      admin.list(openStackClusters, {}).then(
        () => undefined,
        () => true,
      ),
    )
    start()
    await eventually('it is said', async () => operator?.lines.find((line) => line.includes('this Kubernetes has no definition of OpenStackCluster')))
    await serveResources(kube)
    await eventually('it leads', async () => operator?.lines.find((line) => line.includes('leading')))
  })
})
