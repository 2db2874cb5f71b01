import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { machineMirrors, SUITE } from '../../images/apt.ts'
import { imageReference, imageTags } from '../../images/build.ts'
import { cachedFolder, cacheFolder, hashOf } from '../cache.ts'
import { run } from '../command.ts'
import { docker } from '../docker.ts'

/** What systemd needs to be a server that runs its user data. The engine itself comes from packages, in the guest. */
const PACKAGES = ['linux-image-cloud-amd64', 'systemd-sysv', 'udev', 'iproute2', 'wget', 'ca-certificates']
/** Size of the root disk. Only what is written takes place. */
const DISK = '3G'
const FILES = join(import.meta.dirname, 'files')
/** Units that start by themselves, where they lie. */
const UNITS = ['/etc/systemd/system/user-data.service', '/usr/lib/systemd/system/systemd-networkd.service']

const WAIT_ONLINE = 'systemd-networkd-wait-online.service'

/** The files of a guest that boots with a kernel from outside of its disk. */
export interface GuestFiles {
  readonly disk: string
  readonly kernel: string
  readonly ramdisk: string
}

/** Makes a Debian guest of some hundred megabytes, or takes the one that was made before. Needs root, and Docker with the image `libvirt`. */
export async function debianGuest(options: { readonly onLine?: (line: string) => void; readonly signal?: AbortSignal }): Promise<GuestFiles> {
  // This file says how it is made, and the folder beside it what is in it.
  const identity = hashOf(readFileSync(import.meta.filename), ...(await readFiles()))
  const folder = await cachedFolder(cacheFolder('debian-guest', identity), (temporary) => make(temporary, options))
  return { disk: join(folder, 'disk.qcow2'), kernel: join(folder, 'vmlinuz'), ramdisk: join(folder, 'initrd') }
}

async function readFiles(): Promise<Buffer[]> {
  const entries = await readdir(FILES, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => readFileSync(join(entry.parentPath, entry.name)))
}

async function make(folder: string, { onLine, signal }: Parameters<typeof debianGuest>[0]): Promise<void> {
  // debootstrap makes devices, which a temporary folder of the machine may hold and a cache's may not.
  const root = await mkdtemp(join(tmpdir(), 'teruwa-debian-'))
  try {
    const { archive } = await machineMirrors(signal)
    const cache = cacheFolder('debootstrap')
    await run('debootstrap', ['--variant=minbase', `--cache-dir=${cache}`, `--include=${PACKAGES.join()}`, SUITE, root, archive], { onLine, signal })
    await cp(FILES, root, { recursive: true })
    const wants = join(root, 'etc/systemd/system/multi-user.target.wants')
    await Promise.all(UNITS.map((unit) => symlink(unit, join(wants, basename(unit)))))
    const online = join(root, 'etc/systemd/system/network-online.target.wants')
    await mkdir(online, { recursive: true })
    await symlink(`/usr/lib/systemd/system/${WAIT_ONLINE}`, join(online, WAIT_ONLINE))
    await writeFile(join(root, 'etc/fstab'), '/dev/vda / ext4 defaults 0 1\n')
    await writeFile(join(root, 'etc/hostname'), 'debian\n')
    await run('chpasswd', ['--root', root], { input: 'root:teruwa', signal })
    const boot = await readdir(join(root, 'boot'))
    for (const [prefix, name] of [
      ['vmlinuz-', 'vmlinuz'],
      ['initrd.img-', 'initrd'],
    ] as const) {
      const file = boot.find((each) => each.startsWith(prefix))
      if (file === undefined) throw new Error(`the kernel's package has left no ${prefix}* in /boot: ${boot.join(', ')}`)
      await cp(join(root, 'boot', file), join(folder, name))
    }
    await rm(join(root, 'var/cache/apt'), { recursive: true })
    const raw = join(folder, 'disk.raw')
    await run('mkfs.ext4', ['-q', '-d', root, raw, DISK], { signal })
    const image = imageReference('libvirt', imageTags(['libvirt'])['libvirt'] ?? '')
    const convert = ['qemu-img', 'convert', '-c', '-f', 'raw', '-O', 'qcow2', '/disk/disk.raw', '/disk/disk.part']
    await docker(['run', '--rm', '--user', '0:0', '--volume', `${folder}:/disk`, image, ...convert], { signal })
    await rm(raw)
    await rename(join(folder, 'disk.part'), join(folder, 'disk.qcow2'))
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
