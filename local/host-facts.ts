/** Debian's code name from an `/etc/os-release`; undefined on anything else, its derivatives included. */
export function debianSuite(osRelease: string): string | undefined {
  const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(osRelease)?.[1]
  return value('ID') === 'debian' ? (value('VERSION_CODENAME') ?? 'sid') : undefined
}

/** Whether `go env GOVERSION` is 1.23 or newer: those fetch the toolchain that a go.mod asks for by themselves. */
export function goIsRecent(version: string): boolean {
  const match = /^go(\d+)\.(\d+)/.exec(version.trim())
  return match !== null && (Number(match[1]) > 1 || Number(match[2]) >= 23)
}

/** The IPv4 servers of a `resolv.conf` that are not on a loopback address. */
export function resolvConfServers(text: string): string[] {
  return [...text.matchAll(/^nameserver\s+(\d+\.\d+\.\d+\.\d+)\s*$/gm)].map((match) => match[1] ?? '').filter((server) => !server.startsWith('127.'))
}
