import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Kubectl } from '../kubectl.ts'
import type { ManifestObject } from './manifest.ts'
import { readManifest } from './manifest.ts'

const MANIFEST = join(import.meta.dirname, '../../test/ceph/ceph.yaml')
const NAMESPACE = 'ceph'
/** Name of the Secret with the key, in Ceph's namespace and in the cloud's. */
const SECRET = 'ceph'
const MONITORS = ['ceph.ceph.svc']

/** What `up` made for it carries this label. */
export const CEPH_LABEL = 'openstack.teruwa.io/fixture=ceph'

/** The image of the small Ceph. */
export const CEPH_IMAGE = 'ceph'

/** A new key as Ceph makes them: kind 1, the time, the length, and 16 bytes at random, all little-endian (src/auth/Crypto.cc). */
export function cephKey(now: number): string {
  const key = Buffer.alloc(28)
  key.writeUInt16LE(1, 0)
  key.writeUInt32LE(Math.floor(now / 1000), 2)
  key.writeUInt16LE(16, 10)
  randomBytes(16).copy(key, 12)
  return key.toString('base64')
}

/** Applies the small Ceph, and gives its key to the cloud's namespace. Does not wait for it: what needs it does. */
export async function installCeph(kubectl: Kubectl, image: string, namespace: string, signal?: AbortSignal): Promise<void> {
  const objects = (await readManifest(MANIFEST)).map((object) => withImage(object, image))
  const [ceph, ...rest] = objects
  if (ceph === undefined) throw new Error(`${MANIFEST} is empty`)
  await kubectl.apply([ceph], signal)
  const key = (await knownKey(kubectl, signal)) ?? cephKey(Date.now())
  const secret = (where: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: SECRET, namespace: where },
    data: { keyring: Buffer.from(key).toString('base64') },
  })
  await kubectl.apply([secret(NAMESPACE), ...rest, secret(namespace)], signal)
}

async function knownKey(kubectl: Kubectl, signal?: AbortSignal): Promise<string | undefined> {
  const text = await kubectl.run(['get', 'secret', SECRET, '--namespace', NAMESPACE, '--ignore-not-found', '-o', 'jsonpath={.data.keyring}'], { signal })
  return text === '' ? undefined : Buffer.from(text, 'base64').toString()
}

function withImage<T>(value: T, image: string): T {
  return JSON.parse(JSON.stringify(value), (key, each: unknown) => (key === 'image' && each === 'teruwa/ceph' ? image : each)) as T
}

/** The same manifest with volumes and images in the small Ceph. */
export function withCeph(objects: readonly ManifestObject[]): ManifestObject[] {
  return objects.map((object) => {
    if (object.kind !== 'OpenStackCluster') return object
    const spec = { ...(object.spec as Record<string, unknown>) }
    const pool = { monitors: MONITORS, keyringSecret: { name: SECRET } }
    const services = { ...(spec['services'] as Record<string, unknown> | undefined) }
    services['cinder'] = { enabled: true, backends: [{ name: 'ceph', rbd: { ...pool, backupPool: 'backups' } }] }
    services['glance'] = { ...(services['glance'] as object | undefined), rbd: pool }
    return { ...object, spec: { ...spec, services } }
  })
}
