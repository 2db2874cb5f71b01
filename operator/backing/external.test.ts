import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wantedCredentials, serviceObjects } from '../cluster/foundation.ts'
import { clusterOf, TestWorld } from '../cluster/test-world.ts'

const cinder = { services: { cinder: { enabled: true, backends: [{ name: 'nas', nfs: { shares: ['nas:/v'] } }] } } }
const tls = { caSecret: { name: 'authority' } }
const spec = {
  ...cinder,
  deletionPolicy: 'Delete',
  backing: {
    database: { external: { host: 'db.example.com', port: 3307, tls, adminSecret: { name: 'dba' } } },
    messaging: { external: { host: 'mq.example.com', port: 5671, tls } },
    cache: { external: { host: 'cache.example.com' } },
    coordination: { external: { host: 'etcd.example.com', tls: { ...tls, clientSecret: { name: 'etcd-client' } } } },
  },
}
const ours = ['mariadb', 'rabbitmq', 'memcached', 'etcd']

function worldOf(more: object = {}): TestWorld {
  const world = new TestWorld(clusterOf({ ...spec, ...more }))
  world.namedSecrets.set('authority', { 'ca.crt': 'AUTHORITY' })
  world.namedSecrets.set('dba', { username: 'dba', password: 'dba-secret' })
  world.namedSecrets.set('etcd-client', { 'tls.crt': 'CERTIFICATE', 'tls.key': 'KEY' })
  return world
}

function fileOf(world: TestWorld, service: string, key: string): string {
  const objects = world.plan().flatMap((step) => step.objects)
  const text = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === `${service}-config`)?.data?.[key]
  return Buffer.from(text ?? '', 'base64').toString()
}

const stateOf = (world: TestWorld, id: string) => world.plan().find((step) => step.id === id)

test('nothing of ours is there, and no password of it is made', () => {
  const world = worldOf()
  const names = [...serviceObjects({ ...world.cluster.metadata, spec: world.cluster.spec }), ...world.plan().flatMap(({ objects }) => objects)]
  assert.deepEqual(
    names.filter(({ metadata }) => ours.some((name) => metadata.name === name || metadata.name.startsWith(`${name}-`))),
    [],
  )
  assert.deepEqual(
    Object.keys(wantedCredentials(world.cluster.spec)).filter((name) => ours.some((each) => name.startsWith(`${each}.`))),
    [],
  )
  world.settle()
  assert.deepEqual(
    world.plan().filter(({ state }) => state !== 'Ready'),
    [],
  )
})

test('the services are told where they are, by which authority they are known, and probes look for the right port', () => {
  const world = worldOf()
  assert.match(fileOf(world, 'keystone', 'keystone.conf'), /@db\.example\.com:3307\/keystone\?charset=utf8&ssl_ca=\/etc\/teruwa\/mariadb-ca\.crt\n/)
  assert.match(fileOf(world, 'nova', 'nova-compute.conf'), /transport_url = rabbit:\/\/nova:\w+@mq\.example\.com:5671\/nova\n/)
  assert.match(fileOf(world, 'nova', 'nova-compute.conf'), /\[oslo_messaging_rabbit\]\nssl = true\nssl_ca_file = \/etc\/teruwa\/rabbitmq-ca\.crt\n/)
  assert.match(fileOf(world, 'nova', 'nova.conf'), /memcache_servers = cache\.example\.com:11211\n/)
  assert.match(
    fileOf(world, 'cinder', 'cinder.conf'),
    /backend_url = etcd3\+https:\/\/etcd\.example\.com:2379\?api_version=v3&ca_cert=\/etc\/teruwa\/etcd-ca\.crt&cert_cert=\/etc\/teruwa\/etcd-tls\.crt&cert_key=\/etc\/teruwa\/etcd-tls\.key\n/,
  )
  const conductor = world
    .plan()
    .flatMap(({ objects }) => objects)
    .find(({ metadata }) => metadata.name === 'nova-conductor')
  assert.match(JSON.stringify(conductor?.spec), /:1627 01/, '5671 in hex')
})

test('each pod has the certificates that its files name, and no other', () => {
  const world = worldOf()
  const mounts = new Map(
    world
      .plan()
      .flatMap(({ objects }) => objects)
      .filter(({ kind }) => kind === 'Deployment' || kind === 'DaemonSet')
      .map(({ metadata, spec: object }) => [
        metadata.name,
        [...JSON.stringify(object).matchAll(/"\/etc\/teruwa\/([\w.-]+)"/g)].map(([, key]) => String(key)).toSorted(),
      ]),
  )
  assert.deepEqual(mounts.get('keystone-api'), ['mariadb-ca.crt'])
  assert.deepEqual(mounts.get('nova-api'), ['mariadb-ca.crt', 'rabbitmq-ca.crt'])
  assert.deepEqual(mounts.get('nova-compute'), ['rabbitmq-ca.crt'])
  assert.deepEqual(mounts.get('neutron-linuxbridge-agent'), ['rabbitmq-ca.crt'])
  assert.deepEqual(mounts.get('cinder-api'), ['etcd-ca.crt', 'etcd-tls.crt', 'etcd-tls.key', 'mariadb-ca.crt', 'rabbitmq-ca.crt'])
  assert.deepEqual(mounts.get('libvirt'), [])
  assert.deepEqual(mounts.get('horizon-web'), [])
  assert.equal(fileOf(world, 'placement', 'mariadb-ca.crt'), 'AUTHORITY')
  assert.equal(fileOf(world, 'placement', 'rabbitmq-ca.crt'), '')
})

test('the administrator of the CR makes the databases; without one, the operator has nobody to log in as', () => {
  const world = worldOf()
  world.settle()
  const database = stateOf(world, 'glance/database')?.call
  assert.ok(database?.kind === 'database')
  assert.deepEqual(database.server, { host: 'db.example.com', port: 3307, external: true, ca: 'AUTHORITY', admin: { user: 'dba', password: 'dba-secret' } })
  const messaging = stateOf(world, 'nova/messaging')?.call
  assert.ok(messaging?.kind === 'messaging')
  assert.deepEqual(messaging.server, { host: 'mq.example.com', port: 5671, external: true, ca: 'AUTHORITY' })
  assert.match(
    messaging.want[0]?.passwordFrom ?? '',
    /^kubectl -n openstack get secret teruwa-credentials -o jsonpath='\{\.data\.nova\\\.messaging\}' \| base64 -d$/,
  )
})

test('a missing Secret is one sentence at the step of its server; nothing that needs it begins', () => {
  const world = worldOf()
  world.namedSecrets.delete('dba')
  world.settle()
  const failed = world.plan().filter(({ state }) => state === 'Failed')
  assert.deepEqual(
    failed.map(({ id, problem }) => [id, problem?.reason]),
    [['mariadb', 'SecretNotFound']],
  )
  assert.match(failed[0]?.message ?? '', /^backing\.database\.external\.adminSecret: there is no Secret dba with the key username/)
  assert.equal(stateOf(world, 'keystone/database')?.state, 'Waiting')
})

test('a Secret that goes away, or a server that nobody answers at, changes nothing that runs', () => {
  const world = worldOf()
  world.settle()
  const before = [...world.live].map(([key, { spec: object, data }]) => [key, object, data])
  world.namedSecrets.delete('authority')
  world.settle()
  assert.deepEqual(stateOf(world, 'rabbitmq')?.problem?.reason, 'SecretNotFound')
  assert.deepEqual(
    [...world.live].map(([key, { spec: object, data }]) => [key, object, data]),
    before,
  )
  world.namedSecrets.set('authority', { 'ca.crt': 'AUTHORITY' })
  const reach = stateOf(world, 'mariadb')?.call
  assert.ok(reach)
  world.answer('mariadb', reach, { ready: false, message: 'nobody answers' })
  const plan = world.plan()
  assert.equal(plan.find(({ id }) => id === 'glance/api')?.state, 'Waiting')
  assert.deepEqual(
    plan.flatMap(({ changes }) => changes),
    [],
  )
})

test('the databases of a service that is switched off stay: the server is not ours', () => {
  const world = worldOf({ services: { cinder: { enabled: false } } })
  assert.deepEqual(
    world
      .plan()
      .map(({ id }) => id)
      .filter((id) => id.startsWith('cinder/')),
    ['cinder/unregistered'],
  )
})
