import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { formatCidr, parseCidr } from './cidr.ts'
import { raiseLimits } from './host-limits.ts'
import { fullReference } from './load-images.ts'
import { dockerPool } from './networks.ts'

void test("Docker's own pool is the end of a range, clear of the course's floating IPs", () => {
  assert.equal(formatCidr(dockerPool(parseCidr('192.168.0.0/23'))), '192.168.1.224/27')
  assert.equal(formatCidr(dockerPool(parseCidr('10.20.20.0/24'))), '10.20.20.224/27')
  assert.equal(formatCidr(dockerPool(parseCidr('10.20.20.0/28'))), '10.20.20.8/29')
})

void test('references are completed as containerd does it', () => {
  assert.equal(fullReference('teruwa/nova:zed-1'), 'docker.io/teruwa/nova:zed-1')
  assert.equal(fullReference('busybox:1'), 'docker.io/library/busybox:1')
  assert.equal(fullReference('registry.example.com/a/b:1'), 'registry.example.com/a/b:1')
  assert.equal(fullReference('localhost:5000/b:1'), 'localhost:5000/b:1')
})

void test('limits are raised where they are too low, and never lowered', async () => {
  const root = await mkdtemp(join(tmpdir(), 'teruwa-limits-'))
  try {
    await mkdir(join(root, 'fs/inotify'), { recursive: true })
    await writeFile(join(root, 'fs/inotify/max_user_instances'), '128\n')
    await writeFile(join(root, 'fs/inotify/max_user_watches'), '1000000\n')
    const sentences = await raiseLimits(root)
    assert.deepEqual(sentences, ['raised fs.inotify.max_user_instances of this host from 128 to 8192 until it is booted again'])
    assert.equal(await readFile(join(root, 'fs/inotify/max_user_instances'), 'utf8'), '8192\n')
    assert.equal(await readFile(join(root, 'fs/inotify/max_user_watches'), 'utf8'), '1000000\n')
    assert.deepEqual(await raiseLimits(root), [])
  } finally {
    await rm(root, { recursive: true })
  }
})
