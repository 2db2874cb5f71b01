/**
 * Capabilities by bit, from linux/capability.h, up to the newest that every Docker engine since 20.10 knows
 * (it refuses a name that it does not know).
 */
const NAMES: readonly string[] = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ'
).split(' ')

/** The bounding set of a `/proc/PID/status`: what a process there can have at most. */
export function boundingSet(status: string): bigint {
  const mask = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1]
  if (mask === undefined) throw new Error('/proc/self/status has no CapBnd line: expected a Linux kernel with capabilities')
  return BigInt(`0x${mask}`)
}

/** Docker's names of the capabilities of a mask. */
export function capabilityNames(mask: bigint): string[] {
  return NAMES.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n)
}
