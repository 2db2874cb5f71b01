import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { machineMirrors } from '../images/apt.ts'
import { cacheFolder } from './cache.ts'
import { run, succeeds } from './command.ts'
import { debianSuite, goIsRecent, resolvConfServers } from './host-facts.ts'

/** How the preparation of the host is followed. */
export interface HostOptions {
  onUpdate?: (message: string) => void
  signal?: AbortSignal
}

/** Debian packages that `npm run up` and `npm test` use on the host, and a file of each by which it is known to be there. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'ca-certificates': ['/etc/ssl/certs/ca-certificates.crt'],
  debootstrap: ['/usr/sbin/debootstrap'],
  'iputils-ping': ['/usr/bin/ping', '/bin/ping'],
  iproute2: ['/usr/sbin/ip', '/sbin/ip', '/usr/bin/ip'],
  iptables: ['/usr/sbin/iptables', '/sbin/iptables'],
  tar: ['/usr/bin/tar', '/bin/tar'],
}

function isRoot(): boolean {
  return process.getuid?.() === 0
}

type AptGet = (...args: string[]) => Promise<string>

/** apt-get as root on Debian. Throws elsewhere, with what to do there about what is wanted. */
async function aptGet(wanted: string, { onUpdate, signal }: HostOptions, aptOptions: readonly string[] = []): Promise<AptGet> {
  const release = existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : ''
  if (debianSuite(release) === undefined) {
    throw new Error(`This needs ${wanted}. They are installed by themselves on Debian only: install what provides them here, then start again.`)
  }
  if (!isRoot()) throw new Error(`This needs Debian packages and may not install them: run "apt-get install ${wanted}" as root, then start again.`)
  return (...args) =>
    run('apt-get', ['-q', '-y', '-o', 'DPkg::Lock::Timeout=300', ...aptOptions, ...args], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
      onLine: onUpdate,
      signal,
    })
}

/** Fetches apt's lists of packages, of which `wanted` is to be one. */
export async function updateLists(wanted: string, options: HostOptions = {}): Promise<void> {
  const apt = await aptGet(wanted, options)
  await apt('update')
}

/** Installs Debian packages in one call, with lists that are fetched before. */
async function install(packages: readonly string[], options: HostOptions, aptOptions: readonly string[] = []): Promise<void> {
  const wanted = packages.join(' ')
  const apt = await aptGet(wanted, options, aptOptions)
  options.onUpdate?.(`installing ${wanted}`)
  await apt('update')
  await apt('install', '--no-install-recommends', ...packages)
}

/** Installs the Debian packages that are missing, and says which. */
export async function ensurePackages(options: HostOptions = {}, extra: Readonly<Record<string, readonly string[]>> = {}): Promise<void> {
  const missing = Object.entries({ ...PACKAGES, ...extra }).filter(([, files]) => !files.some((file) => existsSync(file)))
  if (missing.length > 0)
    await install(
      missing.map(([name]) => name),
      options,
    )
}

const ENGINES = ['/usr/sbin/dockerd', '/usr/bin/dockerd', '/usr/local/bin/dockerd']

/** Installs Docker's engine where there is none. A client alone (in a container with a mounted socket, say) is no engine. */
async function installEngine(options: HostOptions): Promise<void> {
  const suite = debianSuite(existsSync('/etc/os-release') ? await readFile('/etc/os-release', 'utf8') : '')
  // Since trixie docker.io only recommends the client.
  await install(suite === 'bookworm' ? ['docker.io'] : ['docker.io', 'docker-cli'], options)
}

const PLACES_OF_GO = ['go', '/usr/local/go/bin/go', '/usr/lib/go-1.23/bin/go']

async function findGo(signal?: AbortSignal): Promise<string | undefined> {
  for (const go of PLACES_OF_GO) {
    if (go.startsWith('/') && !existsSync(go)) continue
    try {
      if (goIsRecent(await run(go, ['env', 'GOVERSION'], { signal, env: { GOTOOLCHAIN: 'local' } }))) return go
    } catch {
      signal?.throwIfAborted()
    }
  }
  return undefined
}

/** A `go` that is recent enough to fetch the toolchain that our modules ask for; installed from Debian's backports if there is none. */
export async function ensureGo(options: HostOptions = {}): Promise<string> {
  const { signal } = options
  const found = await findGo(signal)
  if (found !== undefined) return found
  const suite = existsSync('/etc/os-release') ? debianSuite(await readFile('/etc/os-release', 'utf8')) : undefined
  if (suite === 'bookworm') await installFromBackports(['golang-1.23-go', 'golang-1.23-src'], options)
  else await install(['golang-go'], options)
  const installed = await findGo(signal)
  if (installed === undefined)
    throw new Error(`Go 1.23 or newer was not found in ${PLACES_OF_GO.join(', ')} after its installation: install it from https://go.dev/dl`)
  return installed
}

/** With the backports' source for this one call only: nothing of it stays in the host's apt. */
async function installFromBackports(packages: readonly string[], options: HostOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-apt-'))
  try {
    const list = join(folder, 'sources.list')
    const { archive } = await machineMirrors(options.signal)
    const signed = '[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]'
    await writeFile(list, ['bookworm', 'bookworm-backports'].map((suite) => `deb ${signed} ${archive} ${suite} main\n`).join(''))
    await mkdir(join(folder, 'lists', 'partial'), { recursive: true })
    await install(packages, options, ['-o', `Dir::Etc::sourcelist=${list}`, '-o', 'Dir::Etc::sourceparts=-', '-o', `Dir::State::lists=${folder}/lists`])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const DOCKERD_START_MS = 60_000

/** Makes sure that a Docker engine answers: starts one where none does and we are root. */
export async function ensureDocker(options: HostOptions = {}): Promise<void> {
  const { onUpdate, signal } = options
  if (await engineAnswers(signal)) return
  if (process.env['DOCKER_HOST'])
    throw new Error(`The Docker engine at DOCKER_HOST=${process.env['DOCKER_HOST']} does not answer: start it, or unset DOCKER_HOST.`)
  const dockerd = () => ENGINES.find((path) => existsSync(path))
  if (dockerd() === undefined) await installEngine(options)
  if (await engineAnswers(signal)) return
  if (!isRoot()) {
    throw new Error('No Docker engine answers: start it ("systemctl start docker" as root), and see that you may use it (group "docker"), then start again.')
  }
  const program = dockerd()
  if (program === undefined) throw new Error(`No Docker engine answers, and there is no ${ENGINES[0]}: install docker.io.`)
  const logFile = cacheFolder('dockerd.log')
  await mkdir(cacheFolder(), { recursive: true })
  onUpdate?.(`starting dockerd (its log: ${logFile})`)
  const log = await open(logFile, 'a')
  const child = spawn(program, [], { detached: true, stdio: ['ignore', log.fd, log.fd] })
  let ended: string | undefined
  child.once('error', (error) => (ended = error.message))
  child.once('exit', (code) => (ended = `exit code ${code}`))
  child.unref()
  await log.close()
  const deadline = Date.now() + DOCKERD_START_MS
  while (!(await engineAnswers(signal))) {
    if (ended !== undefined || Date.now() > deadline) {
      const end = (await readFile(logFile, 'utf8')).trim().split('\n').slice(-10).join('\n')
      throw new Error(`dockerd ${ended === undefined ? `does not answer after ${DOCKERD_START_MS / 1000} s` : `ended (${ended})`}:\n${end}`)
    }
    await delay(100, undefined, { signal })
  }
}

function engineAnswers(signal?: AbortSignal): Promise<boolean> {
  return succeeds('docker', ['version', '--format', '{{.Server.Version}}'], signal)
}

/** Whether a Docker engine answers or could be started; nothing is installed to find out. */
export async function engineInstalled(signal?: AbortSignal): Promise<boolean> {
  return ENGINES.some((path) => existsSync(path)) || engineAnswers(signal)
}

/** Everything that the host needs for an embedded cluster. Quick when all is there. */
export async function ensureHost(options: HostOptions = {}): Promise<void> {
  if (process.platform !== 'linux')
    throw new Error(`The embedded Kubernetes runs on Linux, this is ${process.platform}: set KUBECONFIG to use a cluster of yours.`)
  await ensurePackages(options)
  await ensureDocker(options)
}

/** DNS servers of the host that its containers can reach. */
export async function upstreamDns(): Promise<string[]> {
  // Where systemd-resolved answers on a loopback address, this is what it asks itself.
  for (const file of ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf']) {
    if (!existsSync(file)) continue
    const servers = resolvConfServers(await readFile(file, 'utf8'))
    if (servers.length > 0) return servers
  }
  return []
}
