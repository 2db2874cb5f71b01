import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { test } from 'node:test'
import { DeclarationError } from './error.ts'
import { CheckedFile } from './image-upload.ts'
import { bootFiles, imagePatch, missingBootFiles, pickImage } from './images.ts'
import type { ImageWant } from './images.ts'

const want: ImageWant = {
  name: 'guest',
  diskFormat: 'qcow2',
  containerFormat: 'bare',
  visibility: 'public',
  minDiskGiB: 0,
  minRamMiB: 64,
  properties: { 'a/b': 'x', hw_rng_model: 'virtio' },
}

const raw = { name: 'guest', diskFormat: 'raw', containerFormat: 'bare' } as const

test('metadata is patched where it differs, and what Glance keeps of its own stays', () => {
  const image = { id: '1', visibility: 'public', min_disk: 0, min_ram: 0, hw_rng_model: 'virtio', stores: 'file', locations: [] }
  assert.deepEqual(imagePatch(want, image), [
    { op: 'add', path: '/a~1b', value: 'x' },
    { op: 'replace', path: '/min_ram', value: 64 },
  ])
  assert.deepEqual(imagePatch(want, { ...image, 'a/b': 'x', min_ram: 64 }), [])
})

test('of several images of a name an active one is meant, then the oldest', () => {
  const image = { name: 'guest', owner: 'p', status: 'active' }
  const listed = [
    { ...image, id: 'new', created_at: '2026-02' },
    { ...image, id: 'half', status: 'queued', created_at: '2025-01' },
    { ...image, id: 'old', created_at: '2026-01' },
    { ...image, id: 'other', owner: 'q', created_at: '2024-01' },
  ]
  assert.equal(pickImage(listed, 'guest', 'p')?.id, 'old')
  assert.equal(pickImage(listed, 'guest')?.id, 'other')
  assert.equal(pickImage(listed, 'none'), undefined)
})

async function pass(pieces: readonly string[], file: CheckedFile): Promise<string> {
  const seen: Buffer[] = []
  await pipeline(Readable.from(pieces.map((piece) => Buffer.from(piece, 'latin1'))), file, async (source: AsyncIterable<Buffer>) => {
    for await (const piece of source) seen.push(piece)
  }).catch((error: unknown) => {
    throw Object.assign(new Error('stopped', { cause: error }), { seen: Buffer.concat(seen).toString('latin1') })
  })
  return Buffer.concat(seen).toString('latin1')
}

test('a right file passes whole and its hashes are known', async () => {
  const sha256 = createHash('sha256').update('abcdef').digest('hex')
  const progress: number[] = []
  const file = new CheckedFile({ ...raw, sha256 }, 6, (sent) => progress.push(sent))
  assert.equal(await pass(['ab', 'cd', 'ef'], file), 'abcdef')
  assert.deepEqual([file.size, file.digest('sha256'), progress], [6, sha256, [2, 4, 6]])
})

test('the end of a wrong file is never sent', async () => {
  await assert.rejects(pass(['ab', 'cd', 'ef'], new CheckedFile({ ...raw, sha256: '0'.repeat(64) })), (error: Error & { seen?: string }) => {
    assert.ok(error.cause instanceof DeclarationError)
    assert.match(error.cause.message, /image guest: the file's SHA-256 is bef57ec7.*, declared is 0000/)
    assert.ok(error.seen !== 'abcdef' && 'abcd'.startsWith(error.seen ?? 'x'))
    return true
  })
})

test('a file that is shorter than it was said to be is refused', async () => {
  await assert.rejects(pass(['ab'], new CheckedFile(raw, 3)), ({ cause }: Error) => cause instanceof Error && /ended after 2 of 3 bytes/.test(cause.message))
})

test('a file of another format is refused with its first piece, in a sentence', async () => {
  const qcow2 = `QFI\u00fb${'x'.repeat(40_000)}`
  await assert.rejects(pass([qcow2, 'more'], new CheckedFile(raw)), (error: Error & { seen?: string }) => {
    assert.ok(error.cause instanceof DeclarationError)
    assert.equal(error.cause.reason, 'UnsafeImage')
    assert.equal(error.cause.message, 'image guest: refused as unsafe: diskFormat is raw, and the file is qcow2; mend diskFormat or source')
    assert.equal(error.seen, '')
    return true
  })
  assert.equal(await pass([qcow2], new CheckedFile({ ...raw, containerFormat: 'ova' })), qcow2)
})

test("kernel and ramdisk are the ids of images of these names, one's own before others'", () => {
  const listed = [
    { id: 'k', name: 'vmlinuz', owner: 'p', status: 'active', created_at: '2026-02' },
    { id: 'other', name: 'vmlinuz', owner: 'q', status: 'active', created_at: '2026-01' },
    { id: 'half', name: 'initrd', owner: 'p', status: 'saving', created_at: '2026-01' },
  ]
  const ami: ImageWant = { ...want, diskFormat: 'ami', containerFormat: 'ami', kernel: 'vmlinuz', ramdisk: 'initrd' }
  assert.deepEqual(bootFiles(ami, listed, 'p'), { kernel_id: 'k' })
  assert.deepEqual(bootFiles(ami, [...listed, { id: 'r', name: 'initrd', owner: 'q', status: 'active', created_at: '2026-03' }], 'p'), {
    kernel_id: 'k',
    ramdisk_id: 'r',
  })
  const image = { id: '1', visibility: 'public', min_disk: 0, min_ram: 64, 'a/b': 'x', hw_rng_model: 'virtio', kernel_id: 'gone' }
  assert.deepEqual(imagePatch(ami, image, { kernel_id: 'k' }), [{ op: 'replace', path: '/kernel_id', value: 'k' }])
  assert.deepEqual(missingBootFiles([ami], listed, 'p'), [
    'image guest: ramdisk: there is no image initrd: declare it in bootstrap.images, upload it, or correct the name',
  ])
  assert.deepEqual(missingBootFiles([ami, { ...want, name: 'initrd', diskFormat: 'ari', containerFormat: 'ari' }], listed, 'p'), [], 'one that is on its way')
})
