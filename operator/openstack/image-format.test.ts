import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FormatCheck, formatOf, HEAD_LENGTH, signatures } from './image-format.ts'

/** A file of some length with bytes at an offset. */
function file(format: string, length = 40_000): Buffer {
  const bytes = Buffer.alloc(length)
  const { offset, bytes: mark } = signatures.find((each) => each.format === format) ?? { offset: 0, bytes: '' }
  bytes.write(mark, offset, 'hex')
  return bytes
}

/** What a check says of a file that comes in pieces: when it says it, in bytes, and what. */
function checked(declared: string, content: Buffer, piece = 1000): [number, string] | undefined {
  const check = new FormatCheck(declared)
  for (let at = 0; at < content.length; at += piece) {
    const found = check.look(content.subarray(at, at + piece))
    if (found !== undefined) return [Math.min(content.length, at + piece), found]
  }
  const found = check.end()
  return found === undefined ? undefined : [content.length, found]
}

test('each format is known by its bytes, and the rest is raw', () => {
  for (const { format } of signatures) assert.equal(formatOf(file(format)), format)
  assert.equal(formatOf(Buffer.from('a disk')), 'raw')
  assert.equal(formatOf(Buffer.alloc(0)), 'raw')
})

test('a file of the declared format passes, in pieces of any size', () => {
  for (const format of ['qcow2', 'vmdk', 'vdi', 'vhd', 'vhdx', 'iso']) {
    for (const piece of [100, 1000, 100_000]) assert.equal(checked(format, file(format), piece), undefined, format)
  }
  for (const format of ['raw', 'aki', 'ari', 'ami']) assert.equal(checked(format, Buffer.from('a disk')), undefined, format)
})

test('a file of another format is refused as soon as it shows, and at its end at the latest', () => {
  assert.deepEqual(checked('raw', file('qcow2')), [33_000, 'qcow2'])
  assert.ok(HEAD_LENGTH <= 33_000)
  assert.deepEqual(checked('ami', file('vdi', 500)), [500, 'vdi'])
  assert.deepEqual(checked('raw', file('iso')), [33_000, 'iso'])
  assert.deepEqual(checked('qcow2', Buffer.alloc(100)), [100, 'raw'])
  assert.deepEqual(checked('iso', file('qcow2'), 100_000), [40_000, 'qcow2'])
})

test('a VMDK that is only a description of other files is none', () => {
  const descriptor = Buffer.from('# Disk DescriptorFile\nversion=1\nRW 4192256 FLAT "/etc/shadow" 0\n')
  assert.match(checked('vmdk', descriptor)?.[1] ?? '', /names other files/)
  assert.match(checked('raw', descriptor)?.[1] ?? '', /names other files/)
})

test('a VHD of the fixed kind shows at its end what it is', () => {
  const fixed = Buffer.concat([Buffer.alloc(50_000), file('vhd', 512)])
  assert.equal(checked('vhd', fixed, 700), undefined)
  assert.deepEqual(checked('vhd', Buffer.alloc(50_000)), [50_000, 'raw'])
  assert.deepEqual(checked('vhd', file('qcow2')), [33_000, 'qcow2'])
})
