// A cluster that is not ours: reached by its kubeconfig alone, its images from a registry, its namespaces under Pod Security and with nothing allowed by
// its network. What the README says of one's own cluster is done there.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { dump } from 'js-yaml'
import { imageReference, imageTags } from '../../images/tags.ts'
import { COURSE_PROVIDER, moveRange, readManifest } from '../../local/up/manifest.ts'
import { parseCidr } from '../../local/cidr.ts'
import { createCluster, deleteCluster } from '../../local/cluster.ts'
import type { Cluster } from '../../local/cluster.ts'
import { run } from '../../local/command.ts'
import { ensureHost } from '../../local/host.ts'
import { kubectlOf } from '../../local/kubectl.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { OPERATOR_NAMESPACE } from '../../local/names.ts'
import { installDefinitions, installOperator } from '../../local/up/install.ts'
import { eventually } from '../../local/verify/guest.ts'
import { enforceNetworkPolicies } from './enforcer.ts'
import { startRegistry } from './registry.ts'
import type { Registry } from './registry.ts'

const root = join(import.meta.dirname, '..', '..')
const NAME = 'teruwa-elsewhere'
const CLOUD = 'openstack'
/** Where somebody else's pod is. */
const STRANGER = 'stranger'

const namespace = (name: string, labels: Readonly<Record<string, string>> = {}) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })
const restricted = { 'pod-security.kubernetes.io/enforce': 'restricted' }
/** As the documentation of NetworkPolicies has it: nothing comes in, nothing goes out. */
const denyAll = (where: string) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'default-deny-all', namespace: where },
  spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] },
})

describe('on a cluster that is not ours', () => {
  let cluster: Cluster
  let registry: Registry
  let kubectl: Kubectl
  let folder: string
  let manifest: string

  /** Runs a script of package.json as its user does, who has the cluster's kubeconfig. */
  const npmRun = (file: string, ...args: readonly string[]): Promise<string> =>
    run(process.execPath, [join(root, 'local/bootstrap.mjs'), file, ...args], {
      cwd: root,
      env: { KUBECONFIG: join(folder, 'kubeconfig'), NO_PROXY: '*', no_proxy: '*' },
    })
  const inCloud = (...args: readonly string[]): Promise<string> => kubectl.run(['--namespace', CLOUD, ...args])
  /** Whether a Service of the cloud answers the stranger's pod within three seconds, with whatever it says to somebody whose words it does not understand. */
  const reaches = (service: string, port: number): Promise<boolean> => {
    const script = `const s = require('net').connect(${port}, '${service}.${CLOUD}.svc', () => s.write('GET / HTTP/1.0\\r\\n\\r\\n'))
      s.on('data', () => process.exit(0)).on('close', () => process.exit(1)).on('error', () => {})
      setTimeout(() => process.exit(1), 3000)`
    return kubectl.run(['--namespace', STRANGER, 'exec', STRANGER, '--', 'node', '-e', script]).then(
      () => true,
      () => false,
    )
  }

  before(async () => {
    await ensureHost()
    await deleteCluster(NAME)
    cluster = await createCluster({ name: NAME })
    folder = await mkdtemp(join(tmpdir(), 'teruwa-elsewhere-'))
    await writeFile(join(folder, 'kubeconfig'), cluster.kubeconfig, { mode: 0o600 })
    kubectl = kubectlOf(cluster.kubectl, join(folder, 'kubeconfig'))
    registry = await startRegistry(cluster)
    await enforceNetworkPolicies(cluster)
    // What the owner of such a cluster has made before we come.
    await kubectl.apply([namespace(OPERATOR_NAMESPACE, restricted), namespace(CLOUD, restricted), namespace(STRANGER)])
    await kubectl.apply([denyAll(OPERATOR_NAMESPACE), denyAll(CLOUD)])
    await kubectl.run(['annotate', 'storageclass', '--all', 'storageclass.kubernetes.io/is-default-class-'])
    const objects = moveRange(await readManifest(join(root, 'manifests/cluster.yaml')), COURSE_PROVIDER, parseCidr(cluster.provider.cidr))
    const declared = objects.map((object) =>
      object.kind === 'OpenStackCluster' ? { ...object, spec: { ...(object['spec'] as object), images: { registry: `${registry.host}/teruwa` } } } : object,
    )
    manifest = join(folder, 'cloud.yaml')
    await writeFile(manifest, declared.map((object) => dump(object)).join('---\n'))
  })
  after(async () => {
    await registry?.close()
    await deleteCluster(NAME)
    if (folder !== undefined) await rm(folder, { recursive: true, force: true })
  })

  test('one command pushes every image to the registry', async () => {
    await npmRun('images/main.ts', 'push', '--registry', `${registry.host}/teruwa`)
    const wanted = Object.keys(imageTags()).map((name) => `teruwa/${name}`)
    assert.deepEqual((await registry.repositories()).toSorted(), wanted.toSorted())
  })

  test('the operator runs under the restricted level, and with its policy alone', async () => {
    const policies = (await readFile(join(root, 'manifests/network-policies.yaml'), 'utf8')).replace('10.20.20.0/24', cluster.managementCidr)
    await kubectl.run(['apply', '-f', '-'], { input: policies })
    await installDefinitions(kubectl)
    const tag = imageTags(['operator'])['operator'] ?? ''
    const reference = imageReference('operator', tag, `${registry.host}/teruwa`)
    await installOperator({ repository: reference.slice(0, -tag.length - 1), tag }, join(folder, 'kubeconfig'))
  })

  test('what the cluster lacks is said before anything is made: the level of the namespace, and a default StorageClass', async () => {
    const cloud = (await readManifest(manifest)).filter(({ kind }) => kind === 'OpenStackCluster')
    await kubectl.apply(cloud)
    const ready = await eventually('the condition Ready', 30, async () => {
      const text = await inCloud('get', 'openstackcluster', 'teruwa', '-o', 'jsonpath={.status.conditions[?(@.type=="Ready")].message}')
      return text === '' ? undefined : text
    })
    assert.match(ready, /no StorageClass is the default one, there is local-path: .*kubectl annotate storageclass NAME/)
    assert.match(ready, /the namespace openstack enforces the level restricted of Pod Security.*kubectl label namespace openstack/)
    assert.equal(await inCloud('get', 'deployments,statefulsets,daemonsets,jobs,secrets,services,persistentvolumeclaims', '-o', 'name'), '')
  })

  test('`npm run up` says what the nodes lack, and makes nothing: labels, then an interface', async () => {
    const [node] = cluster.nodes
    const up = (file: string) => npmRun('local/up.ts', '--registry', `${registry.host}/teruwa`, '--file', file)
    await inCloud('delete', 'openstackcluster', 'teruwa', '--timeout=60s')
    await assert.rejects(up(manifest), /Nothing was made.*\n.*no node is to run guests: kubectl label node NODE openstack\.teruwa\.io\/hypervisor=/)
    await kubectl.run(['label', 'node', node?.name ?? '', 'openstack.teruwa.io/hypervisor=', 'openstack.teruwa.io/network='])
    const wrong = join(folder, 'wrong.yaml')
    await writeFile(wrong, (await readFile(manifest, 'utf8')).replace('interface: eth1', 'interface: eth9'))
    await assert.rejects(up(wrong), new RegExp(`physicalNetworks: node ${node?.name} has no interface eth9, it has .*eth1`))
    assert.equal(await inCloud('get', 'openstackclusters,deployments,statefulsets,daemonsets,secrets', '-o', 'name'), '')
  })

  test('with that mended, `npm run up` brings the cloud up there, and every check passes', async (t) => {
    await kubectl.run(['annotate', 'storageclass', 'local-path', 'storageclass.kubernetes.io/is-default-class=true'])
    const began = performance.now()
    const output = await npmRun('local/up.ts', '--registry', `${registry.host}/teruwa`, '--file', manifest)
    assert.match(output, /^All \d+ checks passed\.$/m)
    t.diagnostic(`up, with images pulled from the registry: ${((performance.now() - began) / 1000).toFixed(0)} s`)
    const images = await inCloud('get', 'pods', '-o', 'jsonpath={.items[*].spec.containers[*].image}')
    for (const image of images.split(' ')) assert.ok(image.startsWith(`${registry.host}/teruwa/`), `${image} comes from the registry`)
  })

  test('somebody else in the cluster reaches the APIs and no database; without policies, both', async () => {
    const image = (
      await kubectl.run(['--namespace', OPERATOR_NAMESPACE, 'get', 'deployment', 'teruwa', '-o', 'jsonpath={.spec.template.spec.containers[0].image}'])
    ).trim()
    const container = { name: STRANGER, image, command: ['node', '-e', 'setInterval(() => {}, 1e9)'] }
    await kubectl.apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { name: STRANGER, namespace: STRANGER }, spec: { containers: [container] } }])
    await kubectl.run(['--namespace', STRANGER, 'wait', `pod/${STRANGER}`, '--for=condition=Ready', '--timeout=60s'])
    const seen = async () => ({
      keystone: await reaches('keystone-api', 5000),
      mariadb: await reaches('mariadb', 3306),
      rabbitmq: await reaches('rabbitmq', 5672),
    })
    assert.deepEqual(await seen(), { keystone: true, mariadb: false, rabbitmq: false })
    await inCloud('delete', 'networkpolicy', '--all')
    await eventually('connections without policies', 15, async () => (await seen()).mariadb)
    assert.deepEqual(await seen(), { keystone: true, mariadb: true, rabbitmq: true })
  })
})
