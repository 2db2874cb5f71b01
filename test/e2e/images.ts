import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { imageReference, imageTags } from '../../images/build.ts'
import { docker } from '../../local/docker.ts'
import { eventually } from '../../local/verify/guest.ts'
import type { Environment } from './environment.ts'

/** The guest's disk as bare bytes comes in so many pieces with a pause before each, in ms: long enough for its progress to be seen. */
const PIECES = 16
const PAUSE = 1000

/** What a kernel is told where no boot loader tells it. */
const COMMAND_LINE = 'console=tty1 console=ttyS0 quiet panic=5 tsc=reliable'

interface Image {
  readonly status: string
  readonly disk_format: string
  readonly container_format: string
  readonly properties: Readonly<Record<string, string>>
}

/** Image formats: what the resource declares gets into Glance, and guests start from it. */
export function imageTests(env: () => Environment): void {
  test('guests boot from bare bytes, a CD, a kernel with its ramdisk, and a snapshot; a download tells how far it is', async (context) => {
    const carried = (file: string) => ({ containerImage: { image: 'guest', path: `/images/teruwa-guest.${file}` } })
    const disk = await rawDisk()
    const files = await serveSlowly(disk)
    const user = await env().client('myuser')
    const made: string[] = []
    context.after(async () => {
      files.close()
      for (const name of made) await user.text('server', 'delete', name).catch(() => undefined)
    })
    const address = files.address()
    assert.ok(address !== null && typeof address === 'object')
    const url = `http://${env().cluster.managementCidr.replace(/\.0\/24$/, '.1')}:${address.port}/disk.raw`
    const declared = env().manifest.find(({ kind }) => kind === 'OpenStackCluster')
    assert.ok(declared)
    const { images } = (declared.spec as { bootstrap: { images: object[] } }).bootstrap
    const bare = { name: 'guest-raw', diskFormat: 'raw', sha256: createHash('sha256').update(disk).digest('hex'), source: { url } }
    const kernel = { name: 'guest-kernel', diskFormat: 'aki', source: carried('vmlinuz') }
    const ramdisk = { name: 'guest-ramdisk', diskFormat: 'ari', source: carried('initrd') }
    const machine = { name: 'guest-ami', diskFormat: 'ami', kernel: 'guest-kernel', ramdisk: 'guest-ramdisk', properties: { os_command_line: COMMAND_LINE } }
    const cd = { name: 'guest-cd', diskFormat: 'iso', source: carried('iso') }
    const declare = (...more: readonly object[]) => env().change({ bootstrap: { images: [...images, ...more] } })
    const failed = (pattern: RegExp) =>
      env().until(`a problem like ${pattern}`, 120, (cluster) =>
        pattern.test(cluster.status?.steps?.find(({ id, state }) => id === 'bootstrap/images' && state === 'Failed')?.message ?? ''),
      )

    // A kernel that nobody has, and a qcow2 that says that it is a bare disk.
    await declare({ ...machine, source: carried('initrd') }, { ...bare, source: carried('qcow2'), sha256: undefined })
    await failed(/image guest-ami: kernel: there is no image guest-kernel: declare it/)
    await failed(/image guest-raw: refused as unsafe: diskFormat is raw, and the file is qcow2; mend diskFormat or source/)
    await declare(bare)
    await env().until('a progress', 90, (cluster) =>
      (cluster.status?.steps ?? []).some(({ id, message = '' }) => id === 'bootstrap/images' && /^image guest-raw: \d+ of 32 MiB$/.test(message)),
    )
    await declare(bare, kernel, ramdisk, cd, { ...machine, source: { url } })
    await env().ready(180)

    const show = (name: string) => user.json<Image>('image', 'show', name)
    const sha512 = createHash('sha512').update(disk).digest('hex')
    const [raw, ami] = [await show('guest-raw'), await show('guest-ami')]
    assert.deepEqual([raw.status, raw.disk_format, raw.properties['os_hash_value']], ['active', 'raw', sha512])
    const kernelId = (await user.json<{ id: string }>('image', 'show', 'guest-kernel')).id
    assert.deepEqual([ami.disk_format, ami.container_format, ami.properties['kernel_id']], ['ami', 'ami', kernelId])

    const boot = async (server: string, image: string) => {
      made.push(server)
      await user.boot(server, '--flavor', 'm1.tiny', '--image', image, '--network', 'selfservice')
    }
    const up = (server: string) =>
      eventually(`a lease, metadata and a prompt in the console log of ${server}`, 120, async () => {
        const log = await user.text('console', 'log', 'show', server)
        return /lease 1\.0\.0\.\d+/.test(log) && /metadata instance-id=/.test(log) && /login:/.test(log)
      })
    await Promise.all([boot('vm-raw', 'guest-raw'), boot('vm-ami', 'guest-ami'), boot('vm-cd', 'guest-cd')])
    await Promise.all([up('vm-raw'), up('vm-ami'), up('vm-cd')])
    await user.text('server', 'image', 'create', '--wait', '--name', 'guest-snapshot', 'vm-raw')
    await user.text('server', 'delete', 'vm-raw', 'vm-ami', 'vm-cd')
    await boot('vm-snapshot', 'guest-snapshot')
    await up('vm-snapshot')
    await user.text('server', 'delete', 'vm-snapshot')

    await env().change({ bootstrap: { images } })
    await env().ready(60)
    await user.text('image', 'delete', 'guest-snapshot')
    await (await env().client('admin')).text('image', 'delete', 'guest-raw', 'guest-ami', 'guest-cd', 'guest-kernel', 'guest-ramdisk')
  })
}

/** The guest's disk as bare bytes, made of the one that its image carries. */
async function rawDisk(): Promise<Buffer> {
  const reference = (name: string) => imageReference(name, imageTags([name])[name] ?? '')
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-e2e-disk-'))
  const carrier = (await docker(['create', reference('guest'), 'none'])).trim()
  try {
    await docker(['cp', `${carrier}:/images/teruwa-guest.qcow2`, join(folder, 'qcow2')])
    const convert = ['qemu-img', 'convert', '-O', 'raw', '/disk/qcow2', '/disk/raw']
    await docker(['run', '--rm', '--user', '0:0', '--volume', `${folder}:/disk`, reference('libvirt'), ...convert])
    return await readFile(join(folder, 'raw'))
  } finally {
    await docker(['rm', carrier])
    await rm(folder, { recursive: true, force: true })
  }
}

async function serveSlowly(content: Buffer): Promise<Server> {
  const server = createServer((_request, response) => {
    const send = async () => {
      response.writeHead(200, { 'content-length': content.length })
      const size = Math.ceil(content.length / PIECES)
      for (let at = 0; at < content.length && !response.destroyed; at += size) {
        await delay(PAUSE)
        response.write(content.subarray(at, at + size))
      }
      response.end()
    }
    void send()
  })
  await new Promise<void>((resolve) => {
    server.listen(0, () => resolve())
  })
  return server
}
