// A real cloud on a real Kubernetes, from an unlabelled node to the end of the cloud. The tests are one story: each stands on the one before.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { createHash } from 'node:crypto'
import { after, afterEach, before, describe, test } from 'node:test'
import { eventually, pings } from '../../local/verify/guest.ts'
import { PingLog } from '../../local/verify/ping-log.ts'
import { OPERATOR } from '../../local/up/install.ts'
import { clockTests } from './clocks.ts'
import { documentTests } from './documents.ts'
import { driftTests } from './drift.ts'
import { externalTests } from './external.ts'
import { httpsTests } from './https.ts'
import { imageTests } from './images.ts'
import { keystoneTests } from './keystone.ts'
import { metricsTests } from './metrics.ts'
import { migrationTests } from './migration.ts'
import { networkTests } from './networks.ts'
import { peopleTests } from './people.ts'
import { pluginTests } from './plugin.ts'
import { policyTests } from './policies.ts'
import { providerTests } from './provider.ts'
import { silentNodeTests } from './silent-node.ts'
import { secretTests } from './secrets.ts'
import { switchTests } from './switches.ts'
import { volumeTests } from './volumes.ts'
import { CLOUD, conditionOf, Environment } from './environment.ts'

const LABELS = ['openstack.teruwa.io/hypervisor=', 'openstack.teruwa.io/network=']
/** Bytes that stand for an image: Glance stores them without looking. */
const FILE = Buffer.from('an image, as far as Glance is concerned\n'.repeat(100))

interface Named {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion: string; readonly labels?: Record<string, string> }
}

interface Server0 {
  readonly id: string
  readonly status: string
}

describe('a cloud', () => {
  let env: Environment
  let files: Server
  let served = false
  let failed = false

  before(async () => {
    env = await Environment.create()
    // Where images come from: on this host, which pods reach at the gateway of the nodes' network.
    files = createServer((request, response) => {
      if (served && request.url === '/image.raw') response.writeHead(200, { 'content-length': FILE.length }).end(FILE)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => {
      files.listen(0, () => resolve())
    })
  })

  // At the first failure: what a later test does would hide what it looked like.
  afterEach(async (context) => {
    if (failed || !('passed' in context) || context.passed) return
    failed = true
    console.log(`logs, events and the cloud itself are collected in ${await env.collect()}`)
  })

  after(async () => {
    files?.close()
    if (env === undefined) return
    await env.close()
  })

  const fileUrl = (): string => {
    const address = files.address()
    assert.ok(address !== null && typeof address === 'object')
    return `http://${env.cluster.managementCidr.replace(/\.0\/24$/, '.1')}:${address.port}/image.raw`
  }

  test('no node is labelled: a condition says how to label one', async () => {
    await env.kubectl.apply(env.manifest)
    const seen = await env.until(
      'NoHypervisorNode',
      120,
      (cluster) => cluster.status?.steps?.some(({ id, state }) => id === 'compute/libvirt' && state === 'Failed') ?? false,
    )
    const step = seen.status?.steps?.find(({ id }) => id === 'compute/libvirt')
    assert.equal(step?.message, 'no node runs guests: kubectl label node NODE openstack.teruwa.io/hypervisor=')
    assert.equal(conditionOf(seen, 'Ready')?.status, 'False')
    assert.equal(conditionOf(seen, 'Degraded')?.reason, 'NoHypervisorNode')
  })

  test('an interface of one node that it does not have: a condition names both, and mending it is noticed', async () => {
    const overrides = [{ nodeSelector: { 'kubernetes.io/hostname': env.nodes[0] }, interface: 'eth9' }]
    await env.change({ services: { neutron: { physicalNetworks: [{ name: 'provider', interface: 'eth1', overrides }] } } })
    await env.kubectl.run(['label', 'node', env.nodes[0], ...LABELS])
    const seen = await env.until(
      'a problem with eth9',
      240,
      (cluster) =>
        cluster.status?.steps?.some(({ id, state, message }) => id === 'neutron/linuxbridge-agent' && state === 'Failed' && /eth9/.test(message ?? '')) ??
        false,
    )
    const message = seen.status?.steps?.find(({ id }) => id === 'neutron/linuxbridge-agent')?.message ?? ''
    assert.match(message, new RegExp(`interface eth9 of services\\.neutron\\.physicalNetworks does not exist on node ${env.nodes[0]}; it has: .*eth1`))
    await env.change({ services: { neutron: { physicalNetworks: [{ name: 'provider', interface: 'eth1' }] } } })
  })

  test('the cloud gets Ready, and kubectl get says so', async () => {
    await env.ready(420)
    const table = await env.kubectl.run(['get', 'openstackclusters', '-A'])
    assert.match(table, /^NAMESPACE\s+NAME\s+READY\s+REASON\s+RELEASE\s+HYPERVISORS\s+AGE\nopenstack\s+teruwa\s+True\s+Ready\s+zed\s+1\/1\s/)
  })

  test("the course's checks, with the stock client", async (context) => {
    const results = await env.verify()
    assert.ok(results.length >= 14, `expected every check, got ${results.length}`)
    for (const { name, ok, message } of results) await context.test(name, () => assert.ok(ok, message))
  })

  pluginTests(() => env)

  test('a node that gets the label becomes a hypervisor, and a guest on it is in the same network', async () => {
    const [first, second] = env.nodes
    await env.kubectl.run(['label', 'node', second, 'openstack.teruwa.io/hypervisor='])
    await env.until('two hypervisors', 240, ({ status }) => status?.hypervisors?.summary === '2/2')
    await env.ready(60)
    const admin = await env.client('admin')
    const user = await env.client('myuser')
    // The scheduler is left only the new one.
    await admin.text('compute', 'service', 'set', '--disable', first, 'nova-compute')
    await user.boot('vm-second', '--flavor', 'm1.tiny', '--image', 'teruwa-guest', '--network', 'selfservice')
    await admin.text('compute', 'service', 'set', '--enable', first, 'nova-compute')
    const { 'OS-EXT-SRV-ATTR:host': host } = await admin.json<Record<string, string>>(
      'server',
      'show',
      (await user.json<Server0>('server', 'show', 'vm-second')).id,
    )
    assert.equal(host, second)
    // Its lease and its metadata come from the network node, through VXLAN.
    await eventually('a lease and metadata in the console log of vm-second', 120, async () => {
      const log = await user.text('console', 'log', 'show', 'vm-second')
      return /lease 1\.0\.0\.\d+/.test(log) && /metadata instance-id=/.test(log)
    })
  })

  migrationTests(() => env)
  silentNodeTests(() => env)

  test('an image URL that gives 404, then one with another checksum: conditions name both, what runs goes on, and mending is noticed', async () => {
    const declared = env.manifest.find(({ kind }) => kind === 'OpenStackCluster')
    assert.ok(declared)
    const { images } = (declared.spec as { bootstrap: { images: object[] } }).bootstrap
    const declare = (sha256: string) =>
      env.change({ bootstrap: { images: [...images, { name: 'from-url', diskFormat: 'raw', sha256, source: { url: fileUrl() } }] } })
    const right = createHash('sha256').update(FILE).digest('hex')
    const problem = (pattern: RegExp) =>
      env.until(`a problem like ${pattern}`, 120, (cluster) =>
        pattern.test(cluster.status?.steps?.find(({ id, state }) => id === 'bootstrap/images' && state === 'Failed')?.message ?? ''),
      )
    await declare(right)
    await problem(/image from-url: http:\S+ gives 404; mend source\.url/)
    await eventually('an event that names the URL', 30, async () => {
      const warnings = await env.list<{ message?: string }>('events', '--field-selector=type=Warning,involvedObject.kind=OpenStackCluster')
      return warnings.some(({ message = '' }) => /gives 404/.test(message))
    })
    served = true
    await declare('0'.repeat(64))
    await problem(new RegExp(`the file's SHA-256 is ${right}, declared is 0{64}`))
    const user = await env.client('myuser')
    assert.equal((await user.json<Server0>('server', 'show', 'vm0')).status, 'ACTIVE')
    await declare(right)
    await env.ready(120)
    const image = await user.json<{ status: string; size: number }>('image', 'show', 'from-url')
    assert.deepEqual([image.status, image.size], ['active', FILE.length])
    await env.change({ bootstrap: { images } })
  })

  imageTests(() => env)

  test('a restarted operator writes nothing when nothing changed, and the cloud stays Ready', async () => {
    await env.ready(60)
    const admin = await env.client('admin')
    await eventually('the guests that are left to be counted', 60, async () => {
      const servers = await admin.json<object[]>('server', 'list', '--all-projects')
      return (await env.in('get', 'openstackcluster', CLOUD, '-o', 'jsonpath={.status.hypervisors.servers}')) === String(servers.length)
    })
    const versions = async () => {
      const objects = await env.list<Named>('deployments,statefulsets,daemonsets,secrets,services,persistentvolumeclaims')
      return objects.map(({ metadata: { name, uid, resourceVersion } }) => `${name} ${uid} ${resourceVersion}`).toSorted()
    }
    const before = await versions()
    const { resourceVersion } = JSON.parse(await env.in('get', 'openstackcluster', CLOUD, '-o', 'jsonpath={.metadata}')) as { resourceVersion: string }
    await env.kubectl.run(['--namespace', OPERATOR.namespace, 'rollout', 'restart', 'deployment/teruwa'])
    await env.kubectl.run(['--namespace', OPERATOR.namespace, 'rollout', 'status', 'deployment/teruwa', '--timeout=60s'])
    // The new one leads when it holds the Lease, and by its first event or after every call it has asked for all.
    await eventually('the new operator to lead', 60, async () => {
      const pods = await env.kubectl.run(['--namespace', OPERATOR.namespace, 'get', 'pods', '-o', 'jsonpath={.items[*].metadata.name}'])
      const holder = await env.kubectl.run(['--namespace', OPERATOR.namespace, 'get', 'lease', 'teruwa', '-o', 'jsonpath={.spec.holderIdentity}'])
      return holder !== '' && pods.split(' ').includes(holder)
    })
    await eventually('the new operator to have asked Nova', 60, async () => {
      const metrics = await env.metrics().catch(() => '')
      // A visit that ended well is to be repeated when the keys of tokens change next.
      const reconciles = /controller_runtime_reconcile_total\{.*result="requeue_after"\} (\d+)/.exec(metrics)?.[1]
      return Number(reconciles ?? 0) >= 5
    })
    const after = await env.ready(30)
    assert.deepEqual(await versions(), before)
    assert.equal((after as unknown as Named).metadata.resourceVersion, resourceVersion, 'the status said the same all the time')
  })

  test('a guest answers pings while every pod of its node is deleted and comes back', async () => {
    const user = await env.client('myuser')
    const { id } = await user.json<Server0>('server', 'show', 'vm0')
    const [address = ''] = (await user.json<{ 'Floating IP Address': string }[]>('floating', 'ip', 'list')).map((each) => each['Floating IP Address'])
    await eventually(`an answer from ${address}`, 30, () => pings(address))
    const log = new PingLog(address)
    try {
      for (const app of ['nova-compute', 'libvirt', 'neutron-linuxbridge-agent', 'neutron-l3-agent', 'neutron-dhcp-agent', 'neutron-metadata-agent']) {
        await env.in('delete', 'pod', '-l', `app.kubernetes.io/name=${app}`, '--wait=true')
      }
      await env.in('rollout', 'status', 'daemonset/libvirt', '--timeout=120s')
      await env.in('rollout', 'status', 'daemonset/nova-compute', '--timeout=120s')
      await env.ready(180)
    } finally {
      await log.stop()
    }
    const { sent, lost, missing } = log.result()
    assert.ok(sent >= 20, `expected pings all the time, ${sent} were sent`)
    assert.equal(lost, 0, `${lost} of ${sent} pings were lost: ${missing.join()}`)
    const guest = await user.json<Server0>('server', 'show', 'vm0')
    assert.deepEqual([guest.id, guest.status], [id, 'ACTIVE'])
    const libvirts = await env.list<Named>('pods', '-l', 'app.kubernetes.io/name=libvirt')
    const running = await Promise.all(libvirts.map(({ metadata: { name } }) => env.in('exec', name, '--', 'virsh', 'list', '--state-running', '--uuid')))
    assert.match(running.join(''), new RegExp(id), 'the new libvirtd knows the guest')
  })

  test('delete any pod: the cloud is Ready again, with the same passwords and data', async () => {
    const admin = await env.client('admin')
    const state = async () => ({
      credentials: await env.secret(`${CLOUD}-credentials`),
      projects: (await admin.json<{ ID: string }[]>('project', 'list')).map(({ ID }) => ID).toSorted(),
      networks: (await admin.json<{ ID: string }[]>('network', 'list')).map(({ ID }) => ID).toSorted(),
      images: (await admin.json<{ ID: string }[]>('image', 'list')).map(({ ID }) => ID).toSorted(),
    })
    const before = await state()
    for (const app of ['mariadb', 'rabbitmq', 'memcached', 'keystone-api', 'nova-conductor']) {
      await env.in('delete', 'pod', '-l', `app.kubernetes.io/name=${app}`, '--wait=true')
    }
    await env.kubectl.run(['--namespace', OPERATOR.namespace, 'delete', 'pod', '-l', 'app.kubernetes.io/name=teruwa', '--wait=true'])
    for (const workload of ['statefulset/mariadb', 'statefulset/rabbitmq', 'deployment/memcached', 'deployment/keystone-api', 'deployment/nova-conductor']) {
      await env.in('rollout', 'status', workload, '--timeout=180s')
    }
    await env.ready(240)
    assert.deepEqual(await state(), before)
    // A new server needs every part: Keystone, Glance, Placement, Neutron, the broker, the scheduler and the hypervisor.
    const user = await env.client('myuser')
    await user.boot('vm1', '--flavor', 'm1.tiny', '--image', 'teruwa-guest', '--network', 'selfservice')
    assert.equal((await user.json<Server0>('server', 'show', 'vm1')).status, 'ACTIVE')
    // A report that was under way when the broker went has no answer: nova-compute waits for it for the minute of an RPC, and may be taken for down until it
    // reports again.
    const since = Date.now()
    await eventually('a report of every hypervisor', 120, async () => {
      const services = await admin.json<{ 'Updated At': string }[]>('compute', 'service', 'list', '--service', 'nova-compute')
      return services.every((service) => Date.parse(`${service['Updated At']}Z`) > since)
    })
  })

  metricsTests(() => env)
  documentTests(() => env)
  peopleTests(() => env)
  httpsTests(() => env)
  policyTests(() => env)
  driftTests(() => env)
  clockTests(() => env)
  volumeTests(() => env)
  switchTests(() => env)
  secretTests(() => env)
  keystoneTests(() => env)
  networkTests(() => env)
  externalTests(() => env)

  test('a deleted cloud leaves its guests and its data, and one of the same name takes them up', async () => {
    const state = async () => {
      const [admin, user] = [await env.client('admin'), await env.client('myuser')]
      return {
        credentials: await env.secret(`${CLOUD}-credentials`),
        projects: (await admin.json<{ ID: string }[]>('project', 'list')).map(({ ID }) => ID).toSorted(),
        servers: (await user.json<{ ID: string; Status: string }[]>('server', 'list')).map(({ ID, Status }) => `${ID} ${Status}`).toSorted(),
        addresses: (await user.json<{ 'Floating IP Address': string }[]>('floating', 'ip', 'list')).map((each) => each['Floating IP Address']),
      }
    }
    const before = await state()
    const [address = ''] = before.addresses
    await assert.rejects(env.in('delete', 'openstackcluster', CLOUD, '--timeout=60s'), /Nova counts \d+ guests? in this cloud.*confirm-deletion=teruwa/)
    await env.deleteCloud(60)
    await eventually(
      'every pod of the cloud to be gone',
      120,
      async () => (await env.list<Named>('pods', '-l', `app.kubernetes.io/part-of=${CLOUD}`)).length === 0,
    )
    assert.ok(await pings(address), 'the guest answers without a cloud')
    await env.kubectl.apply(env.manifest)
    await env.ready(300)
    assert.deepEqual(await state(), before)
    await eventually(`an answer from ${address}`, 30, () => pings(address))
  })

  test('deletion ends although Keystone is gone, and Delete leaves nothing on the node', async () => {
    await env.change({ deletionPolicy: 'Delete' })
    // Nothing that runs is touched by it, and what is switched off takes its data along from now on.
    await env.ready(60)
    await env.change({ services: { cinder: { enabled: false } }, backing: { coordination: { enabled: false } } })
    await env.ready(60)
    const password = (await env.secret(`${CLOUD}-credentials`))['mariadb.root'] ?? ''
    const databases = await env.in('exec', 'mariadb-0', '--', 'mariadb', `--password=${password}`, '--user=root', '--host=127.0.0.1', '-Ne', 'show databases')
    assert.deepEqual(
      databases.split('\n').filter((name) => name === 'cinder' || name === 'nova'),
      ['nova'],
    )
    await eventually(
      "etcd's volume to be gone",
      60,
      async () => (await env.list<Named>('persistentvolumeclaims', '-l', 'app.kubernetes.io/name=etcd')).length === 0,
    )
    await env.in('delete', 'deployment', 'keystone-api', '--cascade=foreground')
    await env.deleteCloud(240)
    await eventually(
      'every object of the cloud to be gone',
      120,
      async () =>
        (await env.list<Named>('pods,secrets,services,persistentvolumeclaims,jobs,daemonsets', '-l', `app.kubernetes.io/part-of=${CLOUD}`)).length === 0,
    )
    const left = await env.onNodes(
      'pgrep -a qemu; ls /run/netns | grep -E "^q(dhcp|router)-"; ls /sys/class/net | grep -E "^(brq|tap|vxlan)"; ls -A /var/lib/nova; true',
    )
    assert.equal(left, '')
  })

  providerTests(() => env)
})
