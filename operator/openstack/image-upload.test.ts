import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { DeclarationError } from './error.ts'
import { uploadImage } from './image-upload.ts'
import type { ImageWant } from './images.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

const FILE = Buffer.concat([Buffer.from('QFI\u00fb', 'latin1'), Buffer.alloc(50_000)])
const want: ImageWant = {
  name: 'guest',
  diskFormat: 'qcow2',
  containerFormat: 'bare',
  visibility: 'public',
  minDiskGiB: 0,
  minRamMiB: 0,
  properties: {},
  sha256: createHash('sha256').update(FILE).digest('hex'),
}

/** A Glance with a Keystone that lets everybody in. `answer` may answer a request instead of them. */
async function testGlance(t: TestContext, answer: (request: string) => { status?: number; body?: unknown } | undefined = () => undefined) {
  const requests: string[] = []
  const image = { id: 'i', name: 'guest', owner: 'p', status: 'queued', created_at: '2026', size: 0, os_hash_algo: 'sha512', os_hash_value: '' }
  const url = await listen(t, (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const line = `${request.method} ${(request.url ?? '').replace(/\?.*/, '')}`
      const body = Buffer.concat(chunks)
      requests.push(line)
      if (line === 'POST /v3/auth/tokens') {
        const token = { expires_at: '2999-01-01T00:00:00Z', user: { id: 'u' }, project: { id: 'p' }, catalog: [] }
        response.writeHead(201, { 'x-subject-token': 't' }).end(JSON.stringify({ token }))
        return
      }
      const own = answer(line)
      if (line === 'PUT /v2/images/i/file' && own === undefined) {
        Object.assign(image, { status: 'active', size: body.length, os_hash_value: createHash('sha512').update(body).digest('hex') })
      }
      if (line === 'POST /v2/images/i/import') image.status = 'active'
      const usual = line === 'GET /v2/images' ? { images: [] } : line.startsWith('PUT') ? undefined : image
      response.writeHead(own?.status ?? 200).end(JSON.stringify(own?.body ?? usual))
    })
  })
  const session = new Session({ authUrl: `${url}/v3`, username: 'admin', password: 'x', scope: { project: 'admin' }, endpoints: { image: url } })
  const open = () => Promise.resolve({ stream: Readable.from([FILE.subarray(0, 20_000), FILE.subarray(20_000)]), size: FILE.length })
  return { requests, upload: (wanted: ImageWant) => uploadImage(session, wanted, open) }
}

test('a file is sent as it is', async (t) => {
  const { requests, upload } = await testGlance(t)
  assert.equal((await upload(want)).id, 'i')
  assert.deepEqual(requests.slice(1), ['GET /v2/images', 'POST /v2/images', 'PUT /v2/images/i/file', 'GET /v2/images/i'])
})

test('one that is to be converted goes to the staging area, whole and checked, and is imported from there', async (t) => {
  const { requests, upload } = await testGlance(t)
  await upload({ ...want, convertTo: 'raw' })
  assert.deepEqual(requests.slice(1), ['GET /v2/images', 'POST /v2/images', 'PUT /v2/images/i/stage', 'POST /v2/images/i/import', 'GET /v2/images/i'])
})

test('a file with another checksum is never imported', async (t) => {
  const { requests, upload } = await testGlance(t)
  await assert.rejects(
    upload({ ...want, convertTo: 'raw', sha256: '0'.repeat(64) }),
    (error: unknown) => error instanceof DeclarationError && /^image guest: the file's SHA-256 is .*, declared is 0000/.test(error.message),
  )
  assert.ok(!requests.includes('POST /v2/images/i/import'))
  assert.equal(requests.at(-1), 'DELETE /v2/images/i')
})

test('a conversion that fails ends with the reason, and leaves no image', async (t) => {
  const tasks = { tasks: [{ status: 'failure', message: 'Image format detection failed' }] }
  const { requests, upload } = await testGlance(t, (line) => {
    if (line === 'GET /v2/images/i/tasks') return { body: tasks }
    return line === 'GET /v2/images/i' ? { body: { id: 'i', status: 'uploading' } } : undefined
  })
  await assert.rejects(upload({ ...want, convertTo: 'raw' }), /image guest: Glance cannot convert it to raw: Image format detection failed/)
  assert.equal(requests.at(-1), 'DELETE /v2/images/i')
})

test('what Glance refuses as unsafe no retry mends', async (t) => {
  const message = 'image guest: refused as unsafe: disk_format is qcow2, and the file is vmdk'
  const { upload } = await testGlance(t, (line) => (line.startsWith('PUT') ? { status: 415, body: { message } } : undefined))
  await assert.rejects(upload(want), (error: unknown) => error instanceof DeclarationError && error.reason === 'UnsafeImage' && error.message === message)
})
