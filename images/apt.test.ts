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

test("Debian's own servers stand in on a machine of another kind", () => {
  const debian = { archive: 'http://mirror.example/debian', security: 'http://mirror.example/debian-security' }
  assert.deepEqual(mirrorsOf(''), debian)
  assert.deepEqual(mirrorsOf('http://archive.ubuntu.com/ubuntu Ubuntu\n'), debian)
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
