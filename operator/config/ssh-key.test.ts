import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sshKeyPair } from './ssh-key.ts'

const seed = '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'

test('the public half is that of RFC 8032, test 1', () => {
  const blob = Buffer.from(sshKeyPair(seed, 'me').publicKey.split(' ')[1] ?? '', 'base64')
  assert.equal(blob.subarray(-32).toString('hex'), 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
})

test('ssh-keygen reads the private half and finds the same public half', { skip: !hasSshKeygen() && 'no ssh-keygen' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'teruwa-ssh-'))
  try {
    const { privateKey, publicKey } = sshKeyPair(seed, 'me@here')
    const file = join(folder, 'key')
    writeFileSync(file, privateKey, { mode: 0o600 })
    assert.equal(execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).trim(), publicKey)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

function hasSshKeygen(): boolean {
  try {
    execFileSync('ssh-keygen', ['-?'], { stdio: 'ignore' })
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT')
  }
}
