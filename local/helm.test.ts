import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import { crc32, deflateRawSync } from 'node:zlib'
import { helm, readZipEntry } from './helm.ts'

const folder = await mkdtemp(join(tmpdir(), 'teruwa-zip-'))
after(() => rm(folder, { recursive: true }))

/** A zip archive with one file. */
function zip(name: string, content: Buffer, method: 0 | 8): Buffer {
  const data = method === 8 ? deflateRawSync(content) : content
  const common = Buffer.alloc(26)
  common.writeUInt16LE(20, 0)
  common.writeUInt16LE(method, 4)
  common.writeUInt32LE(crc32(content), 10)
  common.writeUInt32LE(data.length, 14)
  common.writeUInt32LE(content.length, 18)
  common.writeUInt16LE(name.length, 22)
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), data])
  const central = Buffer.concat([Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, Buffer.alloc(14), Buffer.from(name)])
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 0, 'latin1')
  end.writeUInt16LE(1, 8)
  end.writeUInt16LE(1, 10)
  end.writeUInt32LE(central.length, 12)
  end.writeUInt32LE(local.length, 16)
  return Buffer.concat([local, central, end])
}

void test('a stored and a deflated file come out as they went in', async () => {
  const content = Buffer.from('a sail, a sail, a sail')
  for (const method of [0, 8] as const) {
    const archive = join(folder, `${method}.zip`)
    await writeFile(archive, zip('bin/x', content, method))
    assert.deepEqual(await readZipEntry(archive, 'bin/x'), content)
    await assert.rejects(readZipEntry(archive, 'bin/y'), /expected bin\/y in .*, found bin\/x/)
  }
})

void test('what is no archive is named', async () => {
  const path = join(folder, 'text')
  await writeFile(path, 'no archive')
  await assert.rejects(readZipEntry(path, 'x'), /expected a zip archive/)
})

void test('helm runs', async () => {
  const { stdout } = await promisify(execFile)(await helm(), ['version', '--short'])
  assert.match(stdout, /^v4\./)
})
