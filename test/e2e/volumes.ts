import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { cephKey } from '../../local/up/ceph.ts'
import type { OpenStackClient } from '../../local/verify/client.ts'
import { eventually } from '../../local/verify/guest.ts'
import { NAMESPACE } from './environment.ts'
import type { Environment } from './environment.ts'

interface Volume {
  readonly id: string
  readonly status: string
}

/** Says each lock of Cinder's that is taken, and whether etcd still has it right after: a lock that is held. */
const WATCH = `
import base64, etcd3gw, sys
client = etcd3gw.Etcd3Client(host='etcd', api_path='/v3/')
events, cancel = client.watch_prefix('/tooz/locks')
print('watching', flush=True)
for event in events:
    key = base64.b64decode(event['kv']['key']) if isinstance(event['kv']['key'], str) else event['kv']['key']
    if event.get('type', 'PUT') == 'PUT':
        print('held' if client.get(key) else 'free', key.decode(), flush=True)
`

/** Volumes in a real Ceph: what the checks of `verify` cannot see from outside. */
export function volumeTests(env: () => Environment): void {
  const rbd = (...args: readonly string[]) => env().kubectl.run(['--namespace', 'ceph', 'exec', 'ceph-0', '--', 'rbd', ...args])

  test('a volume made from a raw image in the same Ceph is a copy-on-write clone, its lock is held in etcd, and nothing is left of it', async () => {
    const user = await env().client('myuser')
    const file = join(env().folder, 'image.raw')
    await writeFile(file, randomBytes(4 << 20))
    await user.text('image', 'create', '--disk-format', 'raw', '--container-format', 'bare', '--file', file, 'raw-image')
    const { id: image } = await user.json<Volume>('image', 'show', 'raw-image')
    assert.match(await rbd('ls', 'images'), new RegExp(image), 'Glance has it in its pool')
    const id = await makeVolume(user, 'clone', '--image', 'raw-image')
    const info = JSON.parse(await rbd('info', `volumes/volume-${id}`, '--format', 'json')) as { parent?: { pool: string; image: string } }
    assert.deepEqual([info.parent?.pool, info.parent?.image], ['images', image])

    const said: string[] = []
    const stop = new AbortController()
    const args = ['--namespace', NAMESPACE, 'exec', 'deployment/cinder-scheduler', '--', 'timeout', '120', 'python3', '-c', WATCH]
    const watch = env().kubectl.run(args, { onLine: (line) => said.push(line), signal: stop.signal })
    const isSaid = (pattern: RegExp) => Promise.resolve(said.some((line) => pattern.test(line)))
    try {
      await eventually('etcd to be watched', 60, () => isSaid(/^watching/))
      await user.text('volume', 'delete', 'clone')
      await eventually(`the lock of the deletion of ${id}; seen: ${said.join(', ')}`, 60, () => isSaid(new RegExp(`^held /tooz/locks.*${id}.*delete_volume`)))
    } finally {
      stop.abort()
      await watch.catch(() => undefined)
    }
    await gone(user, 'clone')
    await user.text('image', 'delete', 'raw-image')
    assert.doesNotMatch(await rbd('ls', 'volumes'), new RegExp(id))
    await eventually('the image to be gone from its pool', 60, async () => !(await rbd('ls', 'images')).includes(image))
    assert.equal(await rbd('trash', 'ls', 'volumes'), '')
  })

  test('a pool that is missing and a wrong key are conditions that harm no other backend; one that is taken away is missed while volumes are on it, then forgotten', async () => {
    const [admin, user] = [await env().client('admin'), await env().client('myuser')]
    const [ceph] = await env().part<{ name: string; rbd: object }[]>('{.spec.services.cinder.backends}')
    assert.ok(ceph)
    const pool = (name: string, poolName: string) => ({ name, rbd: { ...ceph.rbd, backupPool: undefined, pool: poolName } })
    const declare = (...more: object[]) => env().change({ services: { cinder: { backends: [ceph, ...more] } } })
    const failed = (pattern: RegExp) =>
      env().until(
        `a problem like ${pattern}`,
        180,
        ({ status }) => status?.steps?.some(({ state, message }) => state === 'Failed' && pattern.test(message ?? '')) ?? false,
      )

    await env().in('create', 'secret', 'generic', 'wrong-key', `--from-literal=keyring=${cephKey(0)}`)
    const wrong = pool('wrong', 'volumes')
    await declare(pool('spare', 'images'), pool('lost', 'nowhere'), { ...wrong, rbd: { ...wrong.rbd, keyringSecret: { name: 'wrong-key' } } })
    await failed(/services\.cinder\.backends\[lost\]\.rbd\.pool: there is no pool nowhere/)
    const seen = await failed(/services\.cinder\.backends\[wrong\]\.rbd\.user: Ceph knows no user client\.cinder with the key of \S+keyringSecret/)
    assert.deepEqual(
      seen.status?.steps?.filter(({ state }) => state === 'Failed').map(({ id }) => id),
      ['cinder/volume-lost', 'cinder/volume-wrong'],
    )
    assert.equal((await user.json<Volume>('server', 'show', 'vm0')).status, 'ACTIVE')
    await declare(pool('spare', 'images'))
    await env().ready(180)
    await makeVolume(user, 'on-spare', '--type', 'spare')

    await declare()
    await failed(/spare is no longer declared, and 1 volume is on it/)
    await declare(pool('spare', 'images'))
    await env().ready(180)
    await user.text('volume', 'delete', 'on-spare')
    await gone(user, 'on-spare')
    await declare()
    await env().ready(120)
    await eventually('Cinder to have forgotten the backend', 240, async () => {
      const services = await admin.json<{ Host: string }[]>('volume', 'service', 'list')
      return services.every(({ Host }) => Host !== 'cinder@spare')
    })
    const types = await admin.json<{ Name: string }[]>('volume', 'type', 'list')
    assert.ok(
      types.every(({ Name }) => Name !== 'spare' && Name !== 'lost'),
      JSON.stringify(types),
    )
  })
}

/** Makes a volume of 1 GiB and waits for it. Returns its id. */
export async function makeVolume(client: OpenStackClient, name: string, ...more: readonly string[]): Promise<string> {
  const { id } = await client.json<Volume>('volume', 'create', '--size', '1', ...more, name)
  await eventually(`volume ${name} to be available`, 120, async () => {
    const { status } = await client.json<Volume>('volume', 'show', id)
    assert.ok(!status.startsWith('error'), `volume ${name} is ${status}`)
    return status === 'available'
  })
  return id
}

async function gone(client: OpenStackClient, name: string): Promise<void> {
  await eventually(`volume ${name} to be gone`, 120, async () => (await client.json<{ Name: string }[]>('volume', 'list')).every(({ Name }) => Name !== name))
}
