/** An IPv4 range: its first address as a number, and the length of its prefix. */
export interface Cidr {
  readonly base: number
  readonly prefix: number
}

/** `192.168.0.1` as a number. */
export function parseAddress(text: string): number {
  const parts = text.split('.')
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) {
    throw new Error(`"${text}" is no IPv4 address: expected four numbers from 0 to 255, such as 192.168.0.1`)
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}

/** The number of an address as text. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.')
}

function size({ prefix }: Cidr): number {
  return 2 ** (32 - prefix)
}

/** `192.168.0.0/23` as a range. A range that does not start at its first address is refused. */
export function parseCidr(text: string): Cidr {
  const [address = '', length = '', ...rest] = text.split('/')
  const prefix = Number(length)
  if (rest.length > 0 || !/^\d{1,2}$/.test(length) || prefix > 32) {
    throw new Error(`"${text}" is no IPv4 range: expected an address and a prefix length, such as 192.168.0.0/23`)
  }
  const cidr = { base: parseAddress(address), prefix }
  if (cidr.base % size(cidr) !== 0) {
    const start = formatAddress(cidr.base - (cidr.base % size(cidr)))
    throw new Error(`${text} does not start at the first address of a /${prefix}: write ${start}/${prefix}`)
  }
  return cidr
}

/** The range as text, such as `192.168.0.0/23`. */
export function formatCidr({ base, prefix }: Cidr): string {
  return `${formatAddress(base)}/${prefix}`
}

/** Whether two ranges have an address in common. */
export function overlaps(a: Cidr, b: Cidr): boolean {
  return a.base < b.base + size(b) && b.base < a.base + size(a)
}

/** The `index`-th address of a range, as text; the 1st is the gateway by our convention. */
export function addressOf(range: Cidr, index: number): string {
  if (index >= size(range)) throw new Error(`${formatCidr(range)} has no ${index}. address: take a wider range`)
  return formatAddress(range.base + index)
}

/** A range that is in use, and by whom: part of the message when a wanted range overlaps with it. */
export interface UsedRange {
  readonly cidr: Cidr
  readonly by: string
}

/**
 * The routes of `ip -4 route show table all`, as ranges in use. The default route, host routes of
 * this machine's own addresses and what belongs to loopback say nothing about a range.
 */
export function routedRanges(ipRoute: string): UsedRange[] {
  return ipRoute.split('\n').flatMap((line) => {
    const words = line.trim().split(/\s+/)
    const [first = ''] = words
    if (first === '' || first === 'default' || ['broadcast', 'local', 'multicast'].includes(first)) return []
    const target = ['unreachable', 'blackhole', 'prohibit', 'throw', 'unicast'].includes(first) ? (words[1] ?? '') : first
    if (!/^\d+\.\d+\.\d+\.\d+(\/\d+)?$/.test(target)) return []
    const cidr = parseCidr(target.includes('/') ? target : `${target}/32`)
    const device = words[words.indexOf('dev') + 1]
    return cidr.prefix === 0 ? [] : [{ cidr, by: `the host's route ${target}${device === undefined ? '' : ` by ${device}`}` }]
  })
}

/**
 * Management ranges that are tried in this order: parts of 10/8 and 172.16/12 that home routers,
 * VPNs and Docker's own pools (172.17–172.31, 192.168) seldom use. Pods (10.244/16) and Services
 * (10.96/12) are not among them.
 */
export const MANAGEMENT_RANGES: readonly string[] = [
  '10.20.20.0/24', // the course's management network
  ...Array.from({ length: 9 }, (_, i) => `10.20.${21 + i}.0/24`),
  ...Array.from({ length: 6 }, (_, i) => `172.16.${200 + i}.0/24`),
]

/** Provider ranges in order: the course's first, then ones that home networks seldom use. */
export const PROVIDER_RANGES: readonly string[] = [
  '192.168.0.0/23', // the course's provider network
  '192.168.200.0/23',
  '192.168.212.0/23',
  '192.168.224.0/23',
  '172.16.100.0/23',
  '172.16.110.0/23',
  '172.16.120.0/23',
  '10.30.0.0/23',
  '10.30.10.0/23',
  '10.30.20.0/23',
]

/** A range that was chosen, and why the ones before it in the list were not. */
export interface ChosenRange {
  readonly cidr: Cidr
  /** One sentence for each range that was passed over. */
  readonly passedOver: readonly string[]
}

/**
 * The wanted range, or the first of the list that overlaps with nothing in use. A wanted range that
 * overlaps is an error that names the overlap, never silently another one.
 */
export function chooseRange(purpose: string, used: readonly UsedRange[], list: readonly string[], wanted?: string): ChosenRange {
  const collision = (cidr: Cidr) => used.find((other) => overlaps(cidr, other.cidr))
  if (wanted !== undefined) {
    const cidr = parseCidr(wanted)
    const other = collision(cidr)
    if (other) throw new Error(`The ${purpose} range ${wanted} overlaps with ${other.by} (${formatCidr(other.cidr)}): choose another`)
    return { cidr, passedOver: [] }
  }
  const passedOver: string[] = []
  for (const text of list) {
    const cidr = parseCidr(text)
    const other = collision(cidr)
    if (!other) return { cidr, passedOver }
    passedOver.push(`${text} overlaps with ${other.by} (${formatCidr(other.cidr)})`)
  }
  throw new Error(`No ${purpose} range is free: ${passedOver.join('; ')}. Give one that is.`)
}
