// The chart, as the real helm sees it.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { loadAll } from 'js-yaml'
import { helm } from '../../local/helm.ts'

const run = promisify(execFile)
const chart = join(import.meta.dirname, '..', '..', 'charts', 'teruwa')
const program = await helm()

interface Container {
  image: string
  args: string[]
  env?: { name: string; value?: string }[]
  ports?: { name: string; containerPort: number }[]
  securityContext: unknown
  livenessProbe: { httpGet: { port: string; path: string } }
  readinessProbe: { httpGet: { port: string; path: string } }
}

interface Manifest {
  kind: string
  metadata: { name: string; namespace?: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: { replicas: number; selector: Record<string, string>; template: { metadata: { labels: Record<string, string> }; spec: PodSpec } }
  rules: { apiGroups: string[]; resources: string[]; verbs: string[] }[]
}

interface PodSpec {
  containers: Container[]
  securityContext: unknown
  serviceAccountName: string
}

/** The objects that the chart makes with these `--set` arguments. */
async function template(...set: string[]): Promise<Manifest[]> {
  const { stdout } = await run(program, ['template', 'teruwa', chart, '--namespace', 'teruwa-system', ...set.flatMap((value) => ['--set', value])])
  return loadAll(stdout).filter(Boolean) as Manifest[]
}

/** The only object of a kind. */
function only(manifests: Manifest[], kind: string): Manifest {
  const found = manifests.filter((manifest) => manifest.kind === kind && !manifest.metadata.annotations?.['helm.sh/hook'])
  assert.equal(found.length, 1, `expected one ${kind}`)
  const [manifest] = found
  assert.ok(manifest)
  return manifest
}

function container(manifest: Manifest): Container {
  const [first] = manifest.spec.template.spec.containers
  assert.ok(first)
  return first
}

test('helm lint --strict finds nothing', async () => {
  const { stdout } = await run(program, ['lint', '--strict', chart])
  assert.match(stdout, /1 chart\(s\) linted, 0 chart\(s\) failed/)
})

test('the image is what the values say, and the operator is told', async () => {
  const operator = container(only(await template('image.repository=registry.example.com/x/operator', 'image.tag=t1'), 'Deployment'))
  assert.equal(operator.image, 'registry.example.com/x/operator:t1')
  assert.equal(operator.env?.find(({ name }) => name === 'OPERATOR_IMAGE')?.value, operator.image)
})

test('the pod is restricted: not root, no capabilities, a root that cannot be written', async () => {
  const deployment = only(await template(), 'Deployment')
  assert.deepEqual(container(deployment).securityContext, {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  assert.deepEqual(deployment.spec.template.spec.securityContext, {
    runAsNonRoot: true,
    runAsUser: 42424,
    runAsGroup: 42424,
    fsGroup: 42424,
    seccompProfile: { type: 'RuntimeDefault' },
  })
})

test('probes and the Service point to ports that the container has', async () => {
  const manifests = await template()
  const operator = container(only(manifests, 'Deployment'))
  assert.deepEqual(operator.ports, [
    { name: 'metrics', containerPort: 8080 },
    { name: 'health', containerPort: 8081 },
  ])
  assert.deepEqual(operator.livenessProbe.httpGet, { path: '/healthz', port: 'health' })
  assert.deepEqual(operator.readinessProbe.httpGet, { path: '/readyz', port: 'health' })
})

test('the Service selects the pods of the Deployment', async () => {
  const manifests = await template('podLabels.team=cloud')
  const { labels } = only(manifests, 'Deployment').spec.template.metadata
  const { selector } = only(manifests, 'Service').spec
  assert.ok(Object.keys(selector).length > 0)
  for (const [name, value] of Object.entries(selector)) assert.equal(labels[name], value)
  assert.equal(labels['team'], 'cloud')
})

test('the operator may do nothing to everything, and nothing to roles, CRDs or namespaces', async () => {
  const manifests = await template()
  const granted = manifests.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role').flatMap(({ rules }) => rules)
  assert.ok(granted.length > 0)
  for (const { apiGroups, resources, verbs } of granted) {
    assert.ok(![...apiGroups, ...resources, ...verbs].includes('*'))
    for (const forbidden of ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings', 'customresourcedefinitions', 'namespaces', 'pods/exec']) {
      assert.ok(!resources.includes(forbidden), `${forbidden} is granted`)
    }
  }
})

test('more than one pod brings a PodDisruptionBudget and pods that keep apart', async () => {
  assert.equal((await template()).filter(({ kind }) => kind === 'PodDisruptionBudget').length, 0)
  const manifests = await template('replicas=2')
  only(manifests, 'PodDisruptionBudget')
  const deployment = only(manifests, 'Deployment')
  assert.equal(deployment.spec.replicas, 2)
  assert.ok('affinity' in deployment.spec.template.spec)
})

test('all objects with a namespace say it, so that kubectl apply of the rendered chart puts them there', async () => {
  const clusterWide = new Set([
    'ClusterRole',
    'ClusterRoleBinding',
    'CustomResourceDefinition',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
  ])
  for (const { kind, metadata } of await template()) {
    assert.equal(metadata.namespace, clusterWide.has(kind) ? undefined : 'teruwa-system', `${kind} ${metadata.name}`)
  }
})

test('the deletion of clouds is confirmed where the operator looks after them, unless the chart may make nothing for the whole cluster', async () => {
  const policies = async (...values: string[]) => (await template(...values)).filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'))
  assert.deepEqual(
    (await policies()).map(({ kind }) => kind),
    ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  )
  assert.doesNotMatch(JSON.stringify(await policies()), /namespaceSelector/)
  assert.match(
    JSON.stringify(await policies('watchNamespace=openstack')),
    /"namespaceSelector":\{"matchLabels":\{"kubernetes\.io\/metadata\.name":"openstack"\}\}/,
  )
  assert.deepEqual(await policies('watchNamespace=openstack', 'clusterRole=false'), [])
  assert.deepEqual(await policies('confirmDeletion=false'), [])
})

test('another name of the release makes other names of objects', async () => {
  const { stdout } = await run(program, ['template', 'blue', chart])
  assert.match(stdout, /name: blue-teruwa$/m)
})

test('an operator of one namespace has a Role there, and of the whole cluster only the nodes', async () => {
  const manifests = await template('watchNamespace=openstack')
  assert.deepEqual(container(only(manifests, 'Deployment')).args.slice(-2), ['--namespace', 'openstack'])
  const own = manifests.filter(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'teruwa')
  assert.deepEqual(
    own.map(({ rules }) => rules),
    [[{ apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] }]],
  )
  const role = manifests.find(({ kind, metadata }) => kind === 'Role' && metadata.namespace === 'openstack')
  const everywhere = (await template()).find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'teruwa')
  assert.deepEqual(
    role?.rules,
    everywhere?.rules.filter(({ resources }) => !resources.includes('nodes')),
    'the same as one of all namespaces has',
  )
  const binding = manifests.find(({ kind, metadata }) => kind === 'RoleBinding' && metadata.namespace === 'openstack')
  assert.ok(binding)
})

test('who may make nothing for the whole cluster can leave that to an administrator', async () => {
  const manifests = await template('watchNamespace=openstack', 'clusterRole=false')
  assert.deepEqual(
    manifests.filter(({ kind }) => kind.startsWith('Cluster')),
    [],
  )
})

const refused: [set: string, sentence: RegExp][] = [
  ['replicsa=2', /additional properties 'replicsa' not allowed/],
  ['replicas=0', /\/replicas'?: minimum: got 0, want 1/],
  ['image.pullPolicy=Sometimes', /\/image\/pullPolicy'?: value must be one of/],
  ['logLevel=loud', /\/logLevel'?: value must be one of/],
  ['watchNamespace=My_Namespace', /\/watchNamespace'?: 'My_Namespace' does not match pattern/],
  ['resources.limits.memry=1Gi', /additional properties 'memry' not allowed/],
]

for (const [set, sentence] of refused) {
  test(`helm refuses ${set}`, async () => {
    await assert.rejects(template(set), sentence)
  })
}
