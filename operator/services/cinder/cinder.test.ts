import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsOf } from '../../cluster/graph.ts'
import { clusterOf, nodeOf, TestWorld } from '../../cluster/test-world.ts'
import { findKey, libvirtSecretId } from '../ceph.ts'

const KEY = 'AQDrZnNnAAAAABAAd0hlzVYaUkvGuoY0CNR7Yw=='
const ceph = { name: 'ceph', rbd: { monitors: ['10.0.0.11', 'mon-b:6789'], keyringSecret: { name: 'ceph' }, backupPool: 'backups' } }
const nfs = { name: 'nas', nfs: { shares: ['nas.example.com:/volumes'], mountOptions: 'vers=4.2' } }
const lvm = { name: 'disks', lvm: {} }

interface Pod {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly hostNetwork?: boolean
        readonly containers: readonly [
          {
            readonly args: readonly string[]
            readonly env: readonly { name: string; value?: string }[]
            readonly volumeMounts: readonly { mountPath: string }[]
            readonly securityContext: { privileged?: boolean }
          },
        ]
      }
    }
  }
}

function worldOf(...backends: object[]): TestWorld {
  const world = new TestWorld(clusterOf({ services: { cinder: { enabled: true, backends } } }))
  world.namedSecrets.set('ceph', { keyring: `[client.cinder]\n\tkey = ${KEY}\n\tcaps mon = "profile rbd"\n` })
  return world
}

function object(world: TestWorld, kind: string, name: string) {
  return world
    .plan()
    .flatMap(({ objects }) => objects)
    .find((each) => each.kind === kind && each.metadata.name === name)
}

function file(world: TestWorld, secret: string, key: string): string {
  const text = object(world, 'Secret', secret)?.data?.[key]
  return text === undefined ? '' : Buffer.from(text, 'base64').toString()
}

function container(world: TestWorld, kind: string, name: string) {
  return (object(world, kind, name) as unknown as Pod).spec.template.spec.containers[0]
}

test('a keyring gives the key of its user, and a bare key is one', () => {
  const keyring = `[client.other]\n\tkey = AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==\n[client.cinder]\n\tkey = ${KEY}\n\tcaps mon = "profile rbd"\n`
  assert.equal(findKey(keyring, 'cinder'), KEY)
  assert.equal(findKey(`${KEY}\n`, 'cinder'), KEY)
  assert.equal(findKey(keyring, 'nobody'), undefined)
  assert.equal(findKey('hello', 'cinder'), undefined)
})

test('a backend in Ceph waits for its pool, and the key is in Secrets alone', () => {
  const world = worldOf(ceph)
  assert.equal(file(world, 'cinder-config', 'ceph-ceph.conf'), `[global]\nmon_host = 10.0.0.11,mon-b:6789\n\n[client.cinder]\nkey = ${KEY}\n`)
  const conf = file(world, 'cinder-config', 'cinder.conf')
  assert.match(
    conf,
    /\[ceph\]\nvolume_backend_name = ceph\nvolume_driver = cinder\.volume\.drivers\.rbd\.RBDDriver\nrbd_pool = volumes\nrbd_cluster_name = ceph\nrbd_user = cinder/,
  )
  assert.match(conf, /backup_ceph_pool = backups/)
  assert.match(conf, /backend_url = etcd3\+http:\/\/etcd\.openstack\.svc:2379\?api_version=v3/)
  const { args, env } = container(world, 'Deployment', 'cinder-volume-ceph')
  assert.deepEqual(args.slice(0, 6), ['wait-for-pool', 'services.cinder.backends[ceph].rbd', 'cinder', 'volumes', '/etc/ceph/ceph.conf', 'cinder-volume'])
  assert.deepEqual(env, [
    { name: 'OS_DEFAULT__ENABLED_BACKENDS', value: 'ceph' },
    { name: 'OS_PRIVSEP_OSBRICK__CAPABILITIES', value: '' },
    { name: 'OS_CINDER_SYS_ADMIN__CAPABILITIES', value: '' },
  ])
  assert.deepEqual(container(world, 'Deployment', 'cinder-backup').args.slice(0, 5), [
    'wait-for-pool',
    'services.cinder.backends[ceph].rbd',
    'cinder',
    'backups',
    '/etc/ceph/ceph.conf',
  ])
  assert.ok(container(world, 'Deployment', 'cinder-backup').volumeMounts.some(({ mountPath }) => mountPath === '/etc/ceph/ceph.client.cinder.keyring'))
  const others = world.plan().flatMap(({ objects }) => objects.filter(({ kind }) => kind !== 'Secret'))
  assert.ok(!JSON.stringify(others).includes(KEY))
})

test('libvirt has the key under the id that Cinder tells Nova, whether Cinder is on or off', () => {
  const world = worldOf(ceph)
  const id = libvirtSecretId({ uid: 'uid-1' }, 'ceph')
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.match(file(world, 'cinder-config', 'cinder.conf'), new RegExp(`rbd_secret_uuid = ${id}`))
  assert.equal(file(world, 'libvirt-secrets', `${id}.base64`), KEY)
  assert.match(file(world, 'libvirt-secrets', `${id}.xml`), new RegExp(`<uuid>${id}</uuid>`))
  const before = container(world, 'DaemonSet', 'libvirt')
  assert.ok(before.volumeMounts.some(({ mountPath }) => mountPath === `/etc/libvirt/secrets/${id}.xml`))
  world.cluster.spec.services.cinder.enabled = false
  assert.deepEqual(container(world, 'DaemonSet', 'libvirt'), before)
})

test('a missing Secret stops what needs it and nothing else', () => {
  const world = worldOf(ceph, nfs)
  world.namedSecrets.clear()
  const plan = world.plan()
  const failed = plan.filter(({ state }) => state === 'Failed')
  assert.deepEqual(
    failed.map(({ id, problem }) => [id, problem?.reason]),
    [
      ['cinder/volume-ceph', 'SecretNotFound'],
      ['cinder/backup', 'SecretNotFound'],
    ],
  )
  assert.match(failed[0]?.message ?? '', /^services\.cinder\.backends\[ceph\]\.rbd\.keyringSecret: there is no Secret ceph with the key keyring/)
  world.namedSecrets.set('ceph', { keyring: 'something else' })
  assert.match(world.plan().find(({ state }) => state === 'Failed')?.message ?? '', /holds no key of client\.cinder/)
})

test('a Secret that goes away takes nothing from what runs', () => {
  const world = worldOf(ceph)
  const secrets = () =>
    world
      .plan()
      .flatMap(({ objects }) => objects)
      .filter(({ kind, metadata }) => kind === 'Secret' && ['cinder-config', 'libvirt-secrets'].includes(metadata.name))
      .map(({ metadata, data }) => [metadata.name, data])
  const before = secrets()
  assert.equal(before.length, 2)
  for (const name of ['cinder-config', 'libvirt-secrets']) {
    const made = object(world, 'Secret', name)
    assert.ok(made)
    world.apply(made)
  }
  const libvirt = container(world, 'DaemonSet', 'libvirt')
  for (const lost of [undefined, { keyring: 'something else' }]) {
    world.namedSecrets.clear()
    if (lost !== undefined) world.namedSecrets.set('ceph', lost)
    assert.deepEqual(secrets(), before)
    assert.deepEqual(container(world, 'DaemonSet', 'libvirt'), libvirt)
    assert.equal(world.plan().find(({ id }) => id === 'cinder/volume-ceph')?.state, 'Failed')
  }
})

test('NFS is mounted by a privileged pod of its own, and hypervisors need nothing of it', () => {
  const world = worldOf(nfs)
  const { args, securityContext, volumeMounts } = container(world, 'Deployment', 'cinder-volume-nas')
  assert.deepEqual([args[0], securityContext.privileged], ['cinder-volume', true])
  assert.ok(volumeMounts.some(({ mountPath }) => mountPath === '/etc/cinder/nas.shares'))
  assert.equal(file(world, 'cinder-config', 'nfs-nas.shares'), 'nas.example.com:/volumes\n')
  assert.match(file(world, 'cinder-config', 'cinder.conf'), /nfs_mount_options = vers=4\.2/)
  assert.equal(object(world, 'Deployment', 'cinder-backup'), undefined)
})

test('LVM is served by each chosen node under its own name, and a cluster without one says how to choose it', () => {
  const world = worldOf(lvm)
  const step = (id: string) => stepsOf(world.scope()).find((each) => each.id === id)
  assert.deepEqual(step('cinder/volume-disks')?.problem?.(world.scope()), {
    reason: 'NoNode',
    message: 'no node for volume-disks: kubectl label node NODE openstack.teruwa.io/volume=',
  })
  world.nodes = [nodeOf('node-1'), nodeOf('node-2', { 'openstack.teruwa.io/volume': '' })]
  assert.equal(step('cinder/volume-disks')?.problem?.(world.scope()), undefined)
  assert.deepEqual(step('cinder/backends')?.outside?.(world.scope()), { kind: 'volume-backends', want: [{ name: 'disks', hosts: ['node-2@disks'] }] })
  const { env, securityContext } = container(world, 'DaemonSet', 'cinder-volume-disks')
  assert.ok(env.some(({ name }) => name === 'OS_DEFAULT__HOST') && securityContext.privileged)
  assert.match(file(world, 'cinder-config', 'cinder.conf'), /volume_group = cinder-volumes\ntarget_helper = tgtadm/)
})
