import { existsSync } from 'node:fs'
import { copyFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from '../local/command.ts'

/** The Debian release of all images: the last one that packages the linuxbridge agent (OpenStack Zed). */
export const SUITE = 'bookworm'

/** Where Debian packages come from. */
export interface Mirrors {
  readonly archive: string
  readonly security: string
}

/**
 * The mirrors that this machine's own apt uses, from lines of `URI LABEL` as `apt-get indextargets` prints them. Third-party sources are
 * none of Debian's and don't count. `fallback` is a mirror of Debian for machines whose apt knows none. Throws where there is no mirror.
 */
export function mirrorsOf(indexTargets: string, fallback?: string): Mirrors {
  const found = indexTargets.split('\n').map((line) => {
    const [uri = '', label = ''] = line.trim().split(' ', 2)
    return { uri: uri.replace(/\/$/, ''), label }
  })
  // Before the first `apt-get update` apt knows no labels; the paths are what every mirror keeps.
  const one = (label: string, path: RegExp) => (found.find((target) => target.label === label) ?? found.find(({ uri }) => path.test(uri)))?.uri
  const archive = one('Debian', /\/debian$/) ?? fallback?.replace(/\/$/, '')
  if (archive === undefined) throw new Error("This machine's apt knows no mirror of Debian: set DEBIAN_MIRROR to the URL of one, which ends in /debian.")
  // Mirrors keep the security updates beside the archive, under this name.
  return { archive, security: one('Debian-Security', /\/debian-security$/) ?? `${archive}-security` }
}

function hasApt(): boolean {
  return existsSync('/usr/bin/apt-get')
}

/** The mirrors of this machine: its apt's, else that of the environment's DEBIAN_MIRROR. Throws where there is none. */
export async function machineMirrors(signal?: AbortSignal): Promise<Mirrors> {
  const format = '$(REPO_URI) $(LABEL)'
  const targets = hasApt() ? await run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], { signal }) : ''
  return mirrorsOf(targets, process.env['DEBIAN_MIRROR'])
}

/** The options of `apt-config dump` that say how to download: proxies, authorities, checks. Everything else is about the machine itself. */
export function acquireOptions(aptConfig: string): string[] {
  return aptConfig.split('\n').filter((line) => /^Acquire::.* "..*";$/.test(line) && !/^Acquire::(GzipIndexes|Languages|IndexTargets|Changelogs)/i.test(line))
}

const CA_BUNDLE = '/etc/ssl/certs/ca-certificates.crt'
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'ftp_proxy', 'no_proxy']

/** Fills `folder` with what apt in a build needs; it is mounted at /run/build/apt. Returns this machine's mirrors. */
export async function writeAptFolder(folder: string, signal?: AbortSignal): Promise<Mirrors> {
  await mkdir(folder, { recursive: true })
  const mirrors = await machineMirrors(signal)
  const acquire = hasApt() ? acquireOptions(await run('apt-config', ['dump'], { signal })) : []
  const { archive, security } = mirrors
  const sources = [`${archive} ${SUITE}`, `${archive} ${SUITE}-updates`, `${security} ${SUITE}-security`]
  await writeFile(join(folder, 'sources.list'), sources.map((source) => `deb ${source} main\n`).join(''))
  if (existsSync(CA_BUNDLE)) {
    await copyFile(CA_BUNDLE, join(folder, 'ca.crt'))
    acquire.push('Acquire::https::CaInfo "/run/build/apt/ca.crt";')
  }
  const proxies = PROXY_VARIABLES.flatMap((name) => [name, name.toUpperCase()]).flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [`export ${name}='${value.replaceAll("'", String.raw`'\''`)}'\n`]
  })
  if (proxies.length > 0) await writeFile(join(folder, 'proxy.sh'), proxies.join(''))
  await writeFile(join(folder, 'apt.conf'), `${[...APT_CONF, ...acquire].join('\n')}\n`)
  return mirrors
}

const APT_CONF = [
  'Dir::Etc::sourcelist "/run/build/apt/sources.list";',
  'Dir::Etc::sourceparts "-";',
  'Dir::State::lists "/run/build/lists";',
  'Dir::Cache "/run/apt";',
  'Dir::Cache::archives "/run/build/archives";',
  'Dir::Log "/run/apt";',
  'APT::Sandbox::User "root";',
  'APT::Install-Recommends "false";',
  'APT::Keep-Downloaded-Packages "true";',
  'Acquire::Languages "none";',
  'Acquire::Retries "3";',
  // Each build has its container to itself; what they share is guarded by build.sh.
  'Debug::NoLocking "true";',
  'Dpkg::Use-Pty "false";',
  // apt's own has no /usr/local/bin, and with it not what build.sh puts there.
  'DPkg::Path "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";',
  // The images leave init scripts out, and keystone's package insists on its own.
  'Dpkg::Options { "--force-confold"; "--force-unsafe-io"; "--log=/dev/null"; "--path-include=/etc/init.d/keystone"; };',
]
