// The chart, as the real helm sees it.

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { helm } from '../../local/helm.ts'
import { chart, container, only, template } from './template.ts'

const run = promisify(execFile)
const program = await helm()

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

test('an operator of one namespace is told so', async () => {
  const manifests = await template('watchNamespace=openstack')
  assert.deepEqual(container(only(manifests, 'Deployment')).args.slice(-2), ['--namespace', 'openstack'])
})

test('a digest goes before the tag', async () => {
  const digest = `sha256:${'ab'.repeat(32)}`
  const operator = container(only(await template('image.tag=t1', `image.digest=${digest}`), 'Deployment'))
  assert.equal(operator.image, `teruwa/operator@${digest}`)
})

test('pods that spread are those of the release, unless somebody says otherwise', async () => {
  const constraint = ['maxSkew=1', 'topologyKey=zone', 'whenUnsatisfiable=DoNotSchedule'].map((value) => `topologySpreadConstraints[0].${value}`)
  const { spec } = only(await template('replicas=3', ...constraint), 'Deployment')
  const selector = { 'app.kubernetes.io/name': 'teruwa', 'app.kubernetes.io/instance': 'teruwa', 'app.kubernetes.io/component': 'operator' }
  const zone = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }
  assert.deepEqual(spec.template.spec.topologySpreadConstraints, [{ ...zone, labelSelector: { matchLabels: selector } }])
  const own = await template(...constraint, 'topologySpreadConstraints[0].labelSelector.matchLabels.a=b')
  const [other] = only(own, 'Deployment').spec.template.spec.topologySpreadConstraints ?? []
  assert.deepEqual((other as { labelSelector: { matchLabels: Record<string, string> } }).labelSelector.matchLabels['a'], 'b')
})

test('labels of all objects are on all objects, and a label of the pods goes before them', async () => {
  const manifests = await template('commonLabels.team=cloud', 'podLabels.team=pods')
  for (const { kind, metadata } of manifests) assert.equal(metadata.labels?.['team'], 'cloud', `${kind} ${metadata.name}`)
  assert.equal(only(manifests, 'Deployment').spec.template.metadata.labels['team'], 'pods')
})
