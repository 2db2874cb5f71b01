import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acquireOptions, mirrorsOf } from './apt.ts'

test("the machine's own mirrors are taken, by their label", () => {
  const targets = 'http://mirror.example/debian/ Debian\nhttp://mirror.example/security Debian-Security\nhttps://apt.example.com/ Example\n'
  assert.deepEqual(mirrorsOf(targets), { archive: 'http://mirror.example/debian', security: 'http://mirror.example/security' })
})

test('before the first update a mirror is known by its path', () => {
  assert.equal(mirrorsOf('http://mirror.example/debian \n').archive, 'http://mirror.example/debian')
})

test('on a machine of another kind a mirror must be named, and the security updates are beside it', () => {
  const ubuntu = 'http://archive.example/ubuntu Ubuntu\n'
  assert.deepEqual(mirrorsOf(ubuntu, 'http://mirror.example/debian/'), {
    archive: 'http://mirror.example/debian',
    security: 'http://mirror.example/debian-security',
  })
  assert.throws(() => mirrorsOf(ubuntu), /set DEBIAN_MIRROR/)
})

test('of the configuration only what says how to download is kept', () => {
  const dump = [
    'APT::Architecture "amd64";',
    'Acquire::http::Proxy "http://proxy.example:3128";',
    'Acquire::https::Verify-Peer "true";',
    'Acquire::Languages:: "en";',
    'Acquire::IndexTargets::deb::Packages::MetaKey "x";',
    'Acquire::cdrom "";',
  ].join('\n')
  assert.deepEqual(acquireOptions(dump), ['Acquire::http::Proxy "http://proxy.example:3128";', 'Acquire::https::Verify-Peer "true";'])
})
