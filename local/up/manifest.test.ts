import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseCidr } from '../cidr.ts'
import { COURSE_PROVIDER, declaredCloud, moveRange, readManifest } from './manifest.ts'
import { upOptions } from './options.ts'

const file = join(import.meta.dirname, '../../manifests/cluster.yaml')

void test('the cloud of the sample is found, with its users and servers', async () => {
  const cloud = declaredCloud(await readManifest(file), file)
  assert.deepEqual(cloud, { name: 'teruwa', namespace: 'openstack', users: ['myuser', 'myreader'], servers: ['vm0'] })
  assert.throws(() => declaredCloud([], 'x.yaml'), /x\.yaml holds 0 objects/)
})

void test('the provider range moves with all of its addresses, and nothing else does', async () => {
  const text = JSON.stringify(moveRange(await readManifest(file), COURSE_PROVIDER, parseCidr('10.30.0.0/23')))
  for (const expected of ['"10.30.0.0/23"', '"10.30.0.1"', '"10.30.0.100"', '"10.30.0.250"', '"1.0.0.0/24"']) assert.ok(text.includes(expected), expected)
  assert.ok(!text.includes('192.168'))
  assert.throws(() => moveRange({ a: '192.168.1.200' }, COURSE_PROVIDER, parseCidr('10.30.0.0/24')), /no place for 192\.168\.1\.200/)
})

void test('options are checked, and help is no error', () => {
  assert.deepEqual(upOptions(['--nodes', '2', '--provider-cidr', '10.1.0.0/23']), {
    nodes: 2,
    timeoutMs: 1_200_000,
    withCeph: false,
    providerCidr: '10.1.0.0/23',
  })
  assert.equal(upOptions(['--help']), undefined)
  assert.throws(() => upOptions(['--nodes', 'two']), /--nodes two: expected a whole number from 1 to 32/)
  assert.throws(() => upOptions(['--provider-cidr', '10.1.1.0/23']), /--provider-cidr: .*write 10\.1\.0\.0\/23/)
  assert.throws(() => upOptions(['--node', '2']), /Unknown option '--node'/)
})
