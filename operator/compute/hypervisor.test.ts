import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { clusterOf, nodeOf, TestWorld } from '../cluster/test-world.ts'
import type { KubeObject } from '../kube/types.ts'

/** The objects of a step of a world with these nodes. */
function objectsOf(step: string, nodes: readonly KubeObject[]): readonly KubeObject[] {
  const world = new TestWorld(clusterOf())
  world.nodes = [...nodes]
  return world.plan().find(({ id }) => id === step)?.objects ?? []
}

function nodeAt(name: string, address: string, labels?: Record<string, string>): KubeObject {
  const node = nodeOf(name, labels)
  return { ...node, status: { ...(node.status as object), addresses: [{ type: 'InternalIP', address }] } }
}

function fileOf(objects: readonly KubeObject[], file: string): string {
  const secret = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === 'libvirt-certificates')
  return Buffer.from(secret?.data?.[file] ?? '', 'base64').toString()
}

test('hypervisors know each other by certificates for their addresses, and a node that is none is not among them', () => {
  const objects = objectsOf('compute/libvirt', [
    nodeAt('node-1', '10.0.0.1', { 'openstack.teruwa.io/network': '' }),
    nodeAt('node-2', '10.0.0.2'),
    nodeAt('node-3', '10.0.0.3'),
  ])
  const certificate = new X509Certificate(fileOf(objects, 'cert.pem'))
  assert.deepEqual(certificate.subjectAltName, 'IP Address:10.0.0.2, IP Address:10.0.0.3')
  assert.ok(
    fileOf(objects, 'ca-cert.pem')
      .split(/(?<=-----END CERTIFICATE-----\n)/)
      .some((authority) => certificate.verify(new X509Certificate(authority).publicKey)),
  )
})

test('another hypervisor changes the certificates, and restarts no libvirt', () => {
  const world = new TestWorld(clusterOf())
  const daemonSet = () =>
    JSON.stringify(world.plan().flatMap(({ objects }) => objects.filter(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === 'libvirt')))
  const certificate = () => fileOf(world.plan().find(({ id }) => id === 'compute/libvirt')?.objects ?? [], 'cert.pem')
  const before = [daemonSet(), certificate()]
  world.nodes = [...world.nodes, nodeAt('node-2', '10.0.0.2')]
  assert.equal(daemonSet(), before[0])
  assert.notEqual(certificate(), before[1])
})

test('the key is in its Secret and nowhere else', () => {
  const world = new TestWorld(clusterOf())
  const all = world.plan().flatMap(({ objects }) => objects)
  const key = fileOf(all, 'key.pem')
  assert.match(key, /BEGIN PRIVATE KEY/)
  const others = JSON.stringify(all.filter(({ metadata }) => metadata.name !== 'libvirt-certificates'))
  for (const line of key.split('\n').filter((each) => !each.startsWith('-') && each !== '')) assert.ok(!others.includes(line))
})
