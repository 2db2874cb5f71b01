// What a real API server says to good and bad OpenStackClusters: the CRD is what is tested.

import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { loadAll } from 'js-yaml'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { ServiceApi } from '../../operator/api/v1alpha1/service.ts'
import * as registry from '../../operator/services/index.ts'
import { badChanges, badSpecs, goodSpecs } from './admission-cases.ts'
import type { Json } from './admission-cases.ts'
import { apiServer } from './api-server.ts'
import type { ApiServer } from './api-server.ts'
import { badValues } from './bad-values.ts'
import { serveResources } from './crd.ts'
import { rawApi } from './raw-api.ts'
import type { RawApi } from './raw-api.ts'

const root = join(import.meta.dirname, '..', '..')
const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

const cluster = (name: string, spec: Json): Json => ({ apiVersion, kind, metadata: { name }, spec })

describe('admission of OpenStackClusters', () => {
  let server: ApiServer
  let api: RawApi
  let clusters: string

  before(async () => {
    server = await apiServer()
    api = rawApi(server.kubeconfig)
    await serveResources(server)
    const made = await api.request('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { generateName: 'admission-' } })
    assert.equal(made.status, 201, made.text)
    const namespace = String(record(record(JSON.parse(made.text))['metadata'])['name'])
    clusters = `/apis/openstack.teruwa.io/v1alpha1/namespaces/${namespace}/openstackclusters`
  })

  after(async () => {
    await api?.close()
    await server?.stop()
  })

  const create = (name: string, spec: Json, query = '') => api.request('POST', `${clusters}?fieldValidation=Strict${query}`, cluster(name, spec))

  for (const [what, spec, sentence] of [...badSpecs, ...badValues]) {
    test(`refused: ${what}`, async () => {
      const { status, text } = await create('bad', spec, '&dryRun=All')
      assert.ok(status === 422 || status === 400, `expected a refusal, got ${status}: ${text}`)
      assert.match(message(text), sentence)
    })
  }

  for (const name of ['1teruwa', 'te.ruwa', 'a'.repeat(33)]) {
    test(`refused: the name ${name}`, async () => {
      const { status, text } = await create(name, {}, '&dryRun=All')
      assert.equal(status, 422)
      assert.match(message(text), /metadata\.name: /)
    })
  }

  for (const [index, [what, old, changed, sentence]] of badChanges.entries()) {
    test(`refused: to change ${what}`, async () => {
      const name = `change-${index}`
      const made = await create(name, old)
      assert.equal(made.status, 201, made.text)
      const { status, text } = await api.request('PATCH', `${clusters}/${name}?fieldValidation=Strict`, { spec: changed }, 'application/merge-patch+json')
      assert.equal(status, 422, text)
      assert.match(message(text), sentence)
    })
  }

  for (const [what, spec] of goodSpecs) {
    test(`accepted: ${what}`, async () => {
      const { status, text } = await create('good', spec, '&dryRun=All')
      assert.equal(status, 201, text)
    })
  }

  test('refused: a misspelt key by server-side apply, too', async () => {
    const { status, text } = await api.request(
      'PATCH',
      `${clusters}/applied?fieldManager=test&fieldValidation=Strict`,
      cluster('applied', { deletionPolcy: 'Delete' }),
      'application/apply-patch+yaml',
    )
    // The API server's own answer is 500, for any custom resource: it fails before it comes to validation.
    assert.ok(status >= 400, `expected a refusal, got ${status}: ${text}`)
    assert.match(message(text), /\.spec\.deletionPolcy: field not declared in schema/)
  })

  for (const file of ['cluster.yaml', 'minimal.yaml']) {
    test(`accepted: manifests/${file}`, async () => {
      const documents = loadAll(await readFile(join(root, 'manifests', file), 'utf8'))
      const sample = documents.find((document) => isRecord(document) && document['kind'] === kind)
      assert.ok(isRecord(sample))
      const { status, text } = await api.request('POST', `${clusters}?fieldValidation=Strict&dryRun=All`, { ...sample, metadata: { name: 'teruwa' } })
      assert.equal(status, 201, text)
    })
  }

  /** Those without fields of their own. */
  const plainServices = Object.fromEntries(
    Object.values(registry)
      .filter(({ fields }: ServiceApi) => fields === undefined)
      .map(({ name, optional }: ServiceApi) => [name, { replicas: 1, ...(optional === undefined ? {} : { enabled: optional.default }) }]),
  )

  test('a cluster without a spec gets every default', async () => {
    const { status, text } = await api.request('POST', `${clusters}?fieldValidation=Strict&dryRun=All`, { apiVersion, kind, metadata: { name: 'small' } })
    assert.equal(status, 201, text)
    const { spec } = record(JSON.parse(text))
    assert.deepEqual(spec, {
      release: 'zed',
      region: 'RegionOne',
      images: { registry: 'teruwa', pullPolicy: 'IfNotPresent', pullSecrets: [], overrides: {} },
      endpoints: { type: 'NodePort', urls: {} },
      backing: {
        database: { storage: { size: '5Gi' } },
        messaging: { storage: { size: '1Gi' } },
        cache: { enabled: true, memoryMiB: 64 },
        coordination: { enabled: true, storage: { size: '1Gi' } },
      },
      services: {
        ...plainServices,
        keystone: { replicas: 1, tokenExpirationMinutes: 60, fernetRotationMinutes: 720 },
        glance: { replicas: 1, storage: { size: '10Gi', accessMode: 'ReadWriteOnce' } },
        nova: { replicas: 1, cpuAllocationRatio: 16, ramAllocationRatio: 1.5, diskAllocationRatio: 1, metadata: { enabled: true } },
        neutron: {
          replicas: 1,
          mode: 'SelfService',
          physicalNetworks: [{ name: 'provider', interface: 'eth1', overrides: [] }],
          tenantNetworkType: 'vxlan',
          vniRange: { start: 1, end: 1000 },
          tunnel: {},
          mtu: 1500,
          dhcpAgentsPerNetwork: 2,
          routers: { highAvailability: false, agentsPerRouter: 2 },
        },
        horizon: { enabled: true, replicas: 1, sessionTimeoutMinutes: 60, allowedHosts: [], settings: {} },
        cinder: { enabled: false, replicas: 1, backends: [] },
      },
      hypervisors: { virtType: 'auto', nodeSelector: {} },
      networkNodes: { nodeSelector: {} },
      timeSync: { mode: 'Off', servers: [], maxOffsetMilliseconds: 500, nodeSelector: {} },
      identity: { domains: [], projects: [], roles: [], groups: [], users: [] },
      bootstrap: { images: [], flavors: [], networks: [], routers: [], securityGroupRules: [], keyPairs: [], servers: [] },
      policies: {},
      overrides: {},
      nodeOverrides: [],
      deletionPolicy: 'Retain',
      paused: false,
    })
  })

  test('defaults reach into what is given in part', async () => {
    const { text } = await create('part', { bootstrap: { networks: [{ name: 'net', subnets: [{ name: 'sub', cidr: '10.0.0.0/24' }] }] } }, '&dryRun=All')
    const { bootstrap } = record(record(JSON.parse(text))['spec'])
    assert.deepEqual(record(bootstrap)['networks'], [
      { name: 'net', shared: false, external: false, subnets: [{ name: 'sub', cidr: '10.0.0.0/24', pools: [], dhcp: true, dnsNameservers: [] }] },
    ])
  })

  test('a write of the status leaves the spec alone, and one of the spec the status', async () => {
    assert.equal((await create('parts', {})).status, 201)
    const condition = { type: 'Ready', status: 'False', reason: 'LabelANode', message: 'no node is labelled', lastTransitionTime: '2026-01-01T00:00:00Z' }
    const merge = 'application/merge-patch+json'
    await api.request('PATCH', `${clusters}/parts/status`, { spec: { paused: true }, status: { conditions: [condition] } }, merge)
    const { text } = await api.request('PATCH', `${clusters}/parts`, { spec: { endpoints: { host: 'a' } }, status: { conditions: [] } }, merge)
    const { spec, status } = record(JSON.parse(text))
    assert.equal(record(spec)['paused'], false)
    assert.deepEqual(record(status)['conditions'], [condition])
  })

  test('kubectl get shows Ready, Reason, Release, Hypervisors and Age, and the message when asked for more', async () => {
    const { text } = await api.request('GET', clusters, undefined, undefined, 'application/json;as=Table;v=v1;g=meta.k8s.io')
    const columns = record(JSON.parse(text))['columnDefinitions']
    assert.ok(Array.isArray(columns))
    const shown = columns.map(record).map(({ name, priority }) => `${String(name)}${priority === 0 ? '' : ' (wide)'}`)
    assert.deepEqual(shown, ['Name', 'Ready', 'Reason', 'Release', 'Hypervisors', 'Message (wide)', 'Age'])
  })

  test('every object of manifests/install.yaml is accepted as it is, with no field that the API server does not know', async () => {
    const paths: Record<string, string> = {
      ServiceAccount: '/api/v1/namespaces/default/serviceaccounts',
      Service: '/api/v1/namespaces/default/services',
      Deployment: '/apis/apps/v1/namespaces/default/deployments',
      ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
      RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
      Namespace: '/api/v1/namespaces',
      CustomResourceDefinition: crds,
      ValidatingAdmissionPolicy: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies',
      ValidatingAdmissionPolicyBinding: '/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings',
    }
    for (const document of loadAll(await readFile(join(root, 'manifests/install.yaml'), 'utf8')).map(record)) {
      const metadata = record(document['metadata'])
      const path = paths[String(document['kind'])]
      assert.ok(path, `a path for ${String(document['kind'])}`)
      const namespaced = path.includes('/namespaces/default/')
      const body = { ...document, metadata: { ...metadata, ...(namespaced ? { namespace: 'default' } : {}) } }
      const { status, text } = await api.request(
        'PATCH',
        `${path}/${String(metadata['name'])}?fieldManager=test&force=true&dryRun=All&fieldValidation=Strict`,
        body,
        'application/apply-patch+yaml',
      )
      assert.ok(status < 300, `${String(document['kind'])} ${String(metadata['name'])}: ${text}`)
    }
  })
})

const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

function record(value: unknown): Json {
  assert.ok(isRecord(value), `expected an object, got ${JSON.stringify(value)}`)
  return value
}

/** The sentence of a Status object. */
const message = (text: string): string => String(record(JSON.parse(text))['message'])
