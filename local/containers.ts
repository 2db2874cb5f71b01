import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { machineMirrors } from '../images/apt.ts'
import { debianGuest } from './containers/guest.ts'
import type { GuestFiles } from './containers/guest.ts'
import { runProgram } from './program.ts'
import { createProgress } from './progress.ts'
import type { Steps } from './progress.ts'
import { LOCAL_FOLDER } from './up/access.ts'
import { ensureOpenStackClient, OpenStackClient } from './verify/client.ts'
import { eventually, page } from './verify/guest.ts'

/** Everything that is made has this name, or begins with it. */
const NAME = 'demo-containers'
const KERNEL = `${NAME}-kernel`
const RAMDISK = `${NAME}-ramdisk`

const USAGE = `Usage: npm run demo:containers -- [OPTION…]

A guest that runs containers: makes a Debian disk of some hundred megabytes, uploads it with its kernel and ramdisk, boots it with a floating IP, and
waits until it has installed podman from Debian's packages and runs a container that serves a page. Under emulation that takes some twenty minutes, most of them for the packages.
Needs a cloud as "npm run up" makes it, and root. The guest's way to Debian's mirror leads over the provider network and this machine.

  --cloud NAME         the cloud in .local/clouds.yaml whose administrator makes flavor and images (default: teruwa)
  --user NAME          the cloud in .local/clouds.yaml that makes the server (default: CLOUD-demo)
  --network NAME       network of the server (default: selfservice)
  --external NAME      network of its floating IP (default: provider)
  --nameserver IP      name server of the guest (default: the first of this machine's)
  --memory MIB         memory of the guest (default: 1024)
  --timeout MINUTES    how long the guest may take (default: 40)
  --keep               leaves server, flavor and images where they are
  --help
`

interface Demo {
  readonly admin: OpenStackClient
  readonly user: OpenStackClient
  readonly network: string
  readonly external: string
  readonly nameserver: string
  readonly memory: string
  readonly seconds: number
  readonly progress: Steps
  readonly signal: AbortSignal
}

/** The first name server of this machine that another one can ask. */
async function machineNameserver(): Promise<string> {
  const servers = [...(await readFile('/etc/resolv.conf', 'utf8')).matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)/gm)].map(([, address = '']) => address)
  const server = servers.find((address) => !address.startsWith('127.'))
  if (server === undefined) throw new Error('/etc/resolv.conf has no name server that a guest could ask: name one with --nameserver')
  return server
}

/** The images, anew: what an earlier run left may be of another Debian. */
async function upload({ admin }: Demo, files: GuestFiles): Promise<void> {
  await cleanUpImages(admin)
  const image = (name: string, file: string, format: string, ...more: readonly string[]) =>
    admin.json<{ id: string }>('image', 'create', '--public', '--file', file, '--disk-format', format, ...more, name)
  const [kernel, ramdisk] = await Promise.all([
    image(KERNEL, files.kernel, 'aki', '--container-format', 'aki'),
    image(RAMDISK, files.ramdisk, 'ari', '--container-format', 'ari'),
  ])
  const boot = { kernel_id: kernel.id, ramdisk_id: ramdisk.id, os_command_line: 'root=/dev/vda rw console=tty0 console=ttyS0 quiet' }
  await image(NAME, files.disk, 'qcow2', ...Object.entries(boot).flatMap(([name, value]) => ['--property', `${name}=${value}`]))
}

async function cleanUpImages(admin: OpenStackClient): Promise<void> {
  const found = (await admin.json<{ ID: string; Name: string }[]>('image', 'list')).filter(({ Name }) => [NAME, KERNEL, RAMDISK].includes(Name))
  if (found.length > 0) await admin.text('image', 'delete', ...found.map(({ ID }) => ID))
}

/** Ends what a run has made, in whatever state. */
async function cleanUp({ admin, user }: Pick<Demo, 'admin' | 'user'>): Promise<void> {
  const servers = await user.json<{ ID: string; Networks: Record<string, string[]> }[]>('server', 'list', '--name', `^${NAME}$`)
  if (servers.length > 0) await user.text('server', 'delete', '--wait', ...servers.map(({ ID }) => ID))
  const addresses = new Set(servers.flatMap(({ Networks }) => Object.values(Networks).flat()))
  const floating = await user.json<{ ID: string; 'Floating IP Address': string }[]>('floating', 'ip', 'list')
  const ours = floating.filter((each) => addresses.has(each['Floating IP Address']))
  if (ours.length > 0) await user.text('floating', 'ip', 'delete', ...ours.map(({ ID }) => ID))
  await cleanUpImages(admin)
  const flavors = await admin.json<{ ID: string; Name: string }[]>('flavor', 'list', '--all')
  for (const { ID, Name } of flavors) if (Name === NAME) await admin.text('flavor', 'delete', ID)
}

async function boot(demo: Demo, folder: string): Promise<string> {
  const { admin, user, network, external, nameserver, memory } = demo
  await admin.text('flavor', 'create', '--vcpus', '1', '--ram', memory, '--disk', '3', NAME)
  const { archive, security } = await machineMirrors(demo.signal)
  const template = await readFile(join(import.meta.dirname, 'containers/user-data.sh'), 'utf8')
  const script = template.replaceAll('@NAMESERVER@', nameserver).replaceAll('@ARCHIVE@', archive).replaceAll('@SECURITY@', security)
  const userData = join(folder, 'user-data')
  await writeFile(userData, script)
  const server = ['--flavor', NAME, '--image', NAME, '--network', network, '--user-data', userData]
  await user.boot(NAME, ...server)
  const { floating_ip_address: address } = await user.json<{ floating_ip_address: string }>('floating', 'ip', 'create', external)
  await user.text('server', 'add', 'floating', 'ip', NAME, address)
  return address
}

/** Lines of the guest's own about its containers, in its console log. */
async function lines(user: OpenStackClient): Promise<string[]> {
  const log = await user.text('console', 'log', 'show', NAME)
  return [...log.matchAll(/containers: (.*)/g)].map(([, line = '']) => line.trim())
}

async function run(demo: Demo, folder: string): Promise<void> {
  const { progress, user, seconds, signal } = demo
  const files = await progress.step('Debian disk', ({ update }) => debianGuest({ onLine: update, signal }))
  await progress.step('earlier runs', () => cleanUp(demo))
  await progress.step('upload', () => upload(demo, files))
  const address = await progress.step('boot', () => boot(demo, folder))
  await progress.step('containers', async ({ update }) => {
    await eventually(
      'the line "containers: done" in the console log',
      seconds,
      async () => {
        const said = await lines(user)
        if (said.length > 0) update(said.at(-1) ?? '')
        if ((await user.json<{ status: string }>('server', 'show', NAME)).status === 'ERROR') throw new Error(`server ${NAME} is in ERROR`)
        return said.at(-1) === 'done'
      },
      signal,
    )
  })
  for (const line of await lines(user)) progress.note(`console log: ${line}`)
  const text = await eventually(`a page from http://${address}/`, 60, () => page(address), signal)
  progress.note(`http://${address}/ says "${text.trim()}"`)
  if (!text.includes('a page that a container serves')) throw new Error(`expected the container's page from http://${address}/, saw ${text.trim()}`)
}

async function main(argv: readonly string[], signal: AbortSignal): Promise<void> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...argv],
    options: {
      cloud: { ...text, default: 'teruwa' },
      user: text,
      network: { ...text, default: 'selfservice' },
      external: { ...text, default: 'provider' },
      nameserver: text,
      memory: { ...text, default: '1024' },
      timeout: { ...text, default: '40' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return console.log(USAGE)
  const began = performance.now()
  const progress = createProgress(process.stdout)
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-containers-'))
  try {
    const program = await ensureOpenStackClient({ onUpdate: progress.note, signal })
    const client = (cloud: string) => new OpenStackClient({ program, cloudsFile: join(LOCAL_FOLDER, 'clouds.yaml'), cloud, signal })
    const demo: Demo = {
      admin: client(values.cloud),
      user: client(values.user ?? `${values.cloud}-demo`),
      network: values.network,
      external: values.external,
      nameserver: values.nameserver ?? (await machineNameserver()),
      memory: values.memory,
      seconds: Number(values.timeout) * 60,
      progress,
      signal,
    }
    await run(demo, folder)
    if (!values.keep) await progress.step('clean up', () => cleanUp(demo))
    progress.note(`a guest ran a container after ${Math.round((performance.now() - began) / 1000)} s`)
  } finally {
    progress.close()
    await rm(folder, { recursive: true, force: true })
  }
}

await runProgram(main)
