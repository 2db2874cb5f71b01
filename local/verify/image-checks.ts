import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { Check, Surroundings } from './check.ts'
import { expect } from '../../plugin/verify/check.ts'

/** Disk formats whose files QEMU makes, with its own word for each. */
const disks = { raw: 'raw', qcow2: 'qcow2', vdi: 'vdi', vmdk: 'vmdk', vhd: 'vpc', vhdx: 'vhdx' }
/** A kernel, a ramdisk and a disk of Amazon's kind: Glance wants the container format to be the same word. */
const machineImageFormats: readonly string[] = ['aki', 'ari', 'ami']
/** Where an ISO 9660 says that it is one. */
const ISO_MARK = 0x8001

interface Listed {
  readonly ID: string
  readonly Name: string
  readonly Status: string
  readonly Checksum: string
  readonly 'Disk Format': string
  readonly 'Container Format': string
}

/** What the stock client does with images of other formats than the guest's. */
export const imageChecks: readonly Check[] = [{ name: 'images of every format, and a wrong one refused', run: everyFormat }]

/** Uploads a small file of each format, lists them, has a disk refused that says it is of another format, and deletes them all. */
async function everyFormat({ user, inPod }: Surroundings): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-images-'))
  const prefix = `verify-${process.pid}-`
  const list = async () => (await user.json<Listed[]>('image', 'list', '--long')).filter(({ Name }) => Name.startsWith(prefix))
  try {
    const files = await smallFiles(inPod)
    const upload = async (name: string, format: string, file: string) => {
      const container = machineImageFormats.includes(format) ? format : 'bare'
      return user.text('image', 'create', '--disk-format', format, '--container-format', container, '--file', join(folder, file), `${prefix}${name}`)
    }
    await Promise.all(Object.entries(files).map(([format, content]) => writeFile(join(folder, format), content)))
    // All have ended before anything is deleted.
    const uploads = await Promise.allSettled(Object.keys(files).map((format) => upload(format, format, format)))
    const failed = uploads.find((each) => each.status === 'rejected')
    expect(failed === undefined, 'every upload to succeed', String(failed?.reason))
    const refusal = await upload('wrong', 'raw', 'qcow2').then(
      () => 'taken',
      (error: unknown) => String(error),
    )
    const listed = (await list()).filter(({ Status }) => Status === 'active')
    const seen = listed.map((each) => `${each['Disk Format']} in ${each['Container Format']}, MD5 ${each.Checksum}`).toSorted()
    const wanted = Object.entries(files).map(
      ([format, content]) => `${format} in ${machineImageFormats.includes(format) ? format : 'bare'}, MD5 ${createHash('md5').update(content).digest('hex')}`,
    )
    expect(seen.join() === wanted.toSorted().join(), `the images ${wanted.toSorted().join('; ')}`, seen)
    expect(/refused as unsafe/.test(refusal), 'a qcow2 that is called raw to be refused as unsafe', refusal)
    return `${Object.keys(files).join(', ')} stored; a qcow2 that is called raw refused`
  } finally {
    await rm(folder, { recursive: true, force: true })
    const left = await list().catch(() => [])
    if (left.length > 0) await user.text('image', 'delete', ...left.map(({ ID }) => ID)).catch(() => undefined)
  }
}

/** A file of each format, by Glance's word for it. QEMU's are made where Glance runs, which has its tools. */
async function smallFiles(inPod: Surroundings['inPod']): Promise<Record<string, Buffer>> {
  const words = Object.values(disks)
  const script = words.map((word) => `qemu-img create -q -f ${word} /tmp/verify 1M && gzip -c /tmp/verify | base64 -w 0 && echo && rm /tmp/verify`)
  const lines = (await inPod('glance-api', 'sh', '-ec', script.join('\n'))).trim().split('\n')
  expect(lines.length === words.length, `${words.length} files of qemu-img`, lines.length)
  const made = Object.keys(disks).map((format, index) => [format, gunzipSync(Buffer.from(lines[index] ?? '', 'base64'))] as const)
  const iso = Buffer.alloc(ISO_MARK + 2048)
  iso.write('CD001', ISO_MARK, 'latin1')
  const parts = machineImageFormats.map((format) => [format, Buffer.from(`an ${format}, as far as Glance is concerned\n`)] as const)
  return Object.fromEntries([...made, ['iso', iso], ...parts])
}
