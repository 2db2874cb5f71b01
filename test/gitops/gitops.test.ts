// The operator and a cloud by a real Argo CD from a Git repository, on an embedded Kubernetes.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { load } from 'js-yaml'
import { annotations } from '../../operator/api/v1alpha1/index.ts'
import { OPERATOR_NAMESPACE } from '../../local/names.ts'
import { ArgoCd, ARGOCD } from './argocd.ts'
import type { Application } from './argocd.ts'
import { emptyCluster } from './cluster.ts'
import type { EmptyCluster } from './cluster.ts'
import { Recording } from './recording.ts'
import { Repository } from './repository.ts'

const MANIFESTS = join(import.meta.dirname, '../../manifests')
const CLUSTER_FILE = 'manifests/cluster.yaml'
const OPERATOR_APP = 'manifests/argocd/apps/operator.yaml'

/** Names of the Applications. */
const [ROOT, OPERATOR, CLOUD] = ['teruwa', 'teruwa-operator', 'openstack']

interface Cloud {
  readonly metadata: { readonly generation: number }
  readonly spec: { readonly bootstrap: { readonly flavors: readonly { readonly name: string }[] } }
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
      readonly lastTransitionTime: string
    }[]
  }
}

const isHealthy = ({ status }: Application) => status?.sync?.status === 'Synced' && status.health?.status === 'Healthy'
const healthOf = ({ status }: Application) => status?.health?.status

describe('by GitOps', () => {
  let cluster: EmptyCluster
  let repository: Repository
  let argo: ArgoCd
  let recorded: Recording<Application>

  const cloud = async (): Promise<Cloud> =>
    JSON.parse(await cluster.kubectl.run(['--namespace', 'openstack', 'get', 'openstackcluster', 'teruwa', '-o', 'json'])) as Cloud
  /** Pushes what was changed, tells Argo CD, and returns the commit and the time that it was told. */
  const push = async (message: string): Promise<{ revision: string; toldAt: number }> => {
    const revision = await repository.push(message)
    const toldAt = Date.now()
    await Promise.all([ROOT, CLOUD].map((name) => argo.refresh(name)))
    return { revision, toldAt }
  }
  const synced = (revision: string) => (application: Application) => isHealthy(application) && application.status?.sync?.revision === revision

  before(async () => {
    cluster = await emptyCluster()
    repository = await Repository.create(['charts', 'manifests'])
    await repository.write(CLUSTER_FILE, cluster.manifest)
    for (const file of ['manifests/argocd/root.yaml', OPERATOR_APP, 'manifests/argocd/apps/cloud.yaml']) {
      await repository.replace(file, 'REPOSITORY', repository.url)
    }
    const image = `image:\n          repository: ${cluster.operator.repository}\n          tag: ${cluster.operator.tag}`
    await repository.replace(OPERATOR_APP, 'releaseName: teruwa', `releaseName: teruwa\n      valuesObject:\n        ${image}`)
    await repository.push('The operator and a cloud')
    const config = load(await readFile(join(MANIFESTS, 'argocd/argocd-cm.yaml'), 'utf8')) as { data: Record<string, string> }
    argo = await ArgoCd.start(cluster.kubectl, cluster.kubeconfig, config.data)
  })
  after(async () => {
    recorded?.stop()
    await argo?.stop()
    await repository?.close()
    await cluster?.close()
  })

  test('one Application brings up the operator and the cloud, and is healthy at the moment that the cloud is Ready', async (t) => {
    recorded = Recording.of(cluster.kubectl, 'applications.argoproj.io', CLOUD, ARGOCD)
    await cluster.kubectl.apply([load(await repository.read('manifests/argocd/root.yaml')) as object])
    await argo.until(OPERATOR, 'to be healthy', 120, isHealthy)
    const application = await argo.until(CLOUD, 'to be healthy', 600, isHealthy)
    await argo.until(ROOT, 'to be healthy', 60, isHealthy)
    const ready = (await cloud()).status?.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.status, 'True')
    const late = (Date.parse(application.status?.health?.lastTransitionTime ?? '') - Date.parse(ready.lastTransitionTime)) / 1000
    t.diagnostic(`healthy ${late} s after Ready, in whole seconds`)
    assert.ok(late >= 0 && late <= 10, `healthy ${late} s after Ready`)
    const healths = recorded.changes(healthOf).filter((health) => health !== undefined && health !== 'Missing')
    assert.deepEqual(healths, ['Progressing', 'Healthy'])
  })

  test('nothing is out of sync after it, and nothing is synced again', async () => {
    const before = await argo.until(CLOUD, 'to be healthy', 30, isHealthy)
    for (const name of [OPERATOR, CLOUD, CLOUD]) {
      const at = Date.now()
      await argo.refresh(name)
      // Times have whole seconds.
      const looked = ({ status }: Application) => Date.parse(status?.reconciledAt ?? '') >= Math.floor(at / 1000) * 1000
      const application = await argo.until(name, 'to be compared again', 60, looked)
      assert.equal(
        application.status?.sync?.status,
        'Synced',
        `${name}: ${JSON.stringify(application.status?.resources?.filter(({ status }) => status !== 'Synced'))}`,
      )
      assert.equal(application.status.history?.length, 1, `${name} was synced more than once`)
    }
    const after = await argo.until(CLOUD, 'to be healthy', 30, isHealthy)
    assert.deepEqual(after.status?.operationState, before.status?.operationState)
    assert.deepEqual(recorded.changes(({ status }) => status?.sync?.status).slice(-1), ['Synced'])
  })

  test('a push is applied within 10 s of its refresh', async (t) => {
    await repository.replace(
      CLUSTER_FILE,
      '- name: m1.tiny\n',
      '- name: m1.pushed\n        vcpus: 1\n        ramMiB: 64\n        diskGiB: 1\n      - name: m1.tiny\n',
    )
    const { revision, toldAt } = await push('A flavor')
    await cluster.kubectl.watchObject(
      ['openstackclusters.openstack.teruwa.io', 'teruwa', '--namespace', 'openstack'],
      (object) => (object as Cloud).spec.bootstrap.flavors.some(({ name }) => name === 'm1.pushed'),
      AbortSignal.timeout(60_000),
    )
    const seconds = (Date.now() - toldAt) / 1000
    t.diagnostic(`applied ${seconds.toFixed(1)} s after the refresh`)
    assert.ok(seconds <= 10, `applied ${seconds} s after the refresh`)
    await argo.until(CLOUD, 'to be healthy with the flavor', 120, synced(revision))
  })

  test('a broken image is Degraded and names it, and a revert heals', async () => {
    const good = await repository.read(CLUSTER_FILE)
    await repository.replace(CLUSTER_FILE, '  release: zed\n', '  release: zed\n  images:\n    overrides:\n      horizon: teruwa/horizon:gone\n')
    await push('An image that is not there')
    await argo.until(CLOUD, 'to be Degraded', 180, (application) => healthOf(application) === 'Degraded')
    const ready = (await cloud()).status?.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.reason, 'ImagePullFailed')
    assert.match(ready.message, /horizon:gone/)
    await repository.write(CLUSTER_FILE, good)
    const { revision } = await push('Revert: an image that is not there')
    await argo.until(CLOUD, 'to be healthy again', 180, synced(revision))
  })

  test('a release that the operator does not have is refused with the field and what would be right, and the cloud goes on', async () => {
    const { metadata } = await cloud()
    const good = await repository.read(CLUSTER_FILE)
    await repository.replace(CLUSTER_FILE, '  release: zed\n', '  release: antelope\n')
    await push('Another release')
    const refused = /spec\.release: Unsupported value: [^,]*antelope[^:]*: supported values: [^,]*zed/
    const { status } = await argo.until(CLOUD, 'to be refused', 120, (application) => refused.test(JSON.stringify(application.status)))
    assert.notEqual(status?.sync?.status, 'Synced')
    assert.deepEqual((await cloud()).metadata.generation, metadata.generation)
    await repository.write(CLUSTER_FILE, good)
    const { revision } = await push('Revert: another release')
    await argo.until(CLOUD, 'to be healthy again', 120, synced(revision))
  })

  test('what a person changes is put back, by Argo CD in the resource, by the operator in what it made', async () => {
    const { history } = (await argo.until(CLOUD, 'to be healthy', 60, isHealthy)).status ?? {}
    const change = (patch: object, ...object: string[]) =>
      cluster.kubectl.run(['--namespace', 'openstack', 'patch', ...object, '--type=merge', '-p', JSON.stringify(patch)])
    await change({ spec: { replicas: 3 } }, 'deployment', 'horizon-web')
    await cluster.kubectl.watchObject(
      ['deployments', 'horizon-web', '--namespace', 'openstack'],
      (object) => (object as { spec: { replicas: number } }).spec.replicas === 1,
      AbortSignal.timeout(30_000),
    )
    assert.deepEqual((await argo.until(CLOUD, 'to be healthy', 60, isHealthy)).status?.history, history, 'Argo CD had no part in it')
    await change({ spec: { release: 'zed', bootstrap: { flavors: [] } } }, 'openstackcluster', 'teruwa')
    await cluster.kubectl.watchObject(
      ['openstackclusters.openstack.teruwa.io', 'teruwa', '--namespace', 'openstack'],
      (object) => (object as Cloud).spec.bootstrap.flavors.length === 2,
      AbortSignal.timeout(60_000),
    )
    await argo.until(CLOUD, 'to be healthy again', 120, isHealthy)
  })

  test('the cloud goes before the operator when all is deleted, and the definitions stay', async () => {
    await repository.replace(CLUSTER_FILE, '  name: teruwa\n', `  name: teruwa\n  annotations:\n    ${annotations.confirmDeletion}: teruwa\n`)
    const { revision } = await push('The cloud may be deleted with its guests')
    await argo.until(CLOUD, 'to have the annotation', 60, synced(revision))
    const operator = Recording.of(cluster.kubectl, 'deployments', 'teruwa', OPERATOR_NAMESPACE)
    const clouds = Recording.of(cluster.kubectl, 'openstackclusters.openstack.teruwa.io', 'teruwa', 'openstack')
    try {
      await cluster.kubectl.run(['--namespace', ARGOCD, 'delete', 'application', ROOT, '--timeout=300s'])
      const gone = async (type: string) => (await cluster.kubectl.run(['get', type, '--all-namespaces', '-o', 'name'])) === ''
      assert.ok(await gone('applications.argoproj.io'))
      assert.ok(await gone('openstackclusters.openstack.teruwa.io'))
      const [cloudsEnd, operatorsEnd] = [clouds.lastAt, operator.lastAt]
      assert.ok(cloudsEnd !== undefined && operatorsEnd !== undefined && cloudsEnd <= operatorsEnd, 'the operator was there until the cloud was gone')
      assert.match(await cluster.kubectl.run(['get', 'customresourcedefinitions', '-o', 'name']), /openstackclusters\.openstack\.teruwa\.io/)
    } finally {
      operator.stop()
      clouds.stop()
    }
  })
})
