import type { ChosenRange, Cidr, UsedRange } from './cidr.ts'
import { MANAGEMENT_RANGES, PROVIDER_RANGES, addressOf, chooseRange, formatCidr, parseCidr, routedRanges } from './cidr.ts'
import { CommandError, run } from './command.ts'
import type { DockerNetwork } from './docker.ts'
import { CLUSTER_LABEL, createNetwork, dockerNetworks } from './docker.ts'
import { POD_SUBNET, SERVICE_SUBNET } from './kubeadm.ts'

/** A network of a cluster: a Docker bridge on which the host has the first address. */
export interface ClusterNetwork {
  readonly name: string
  readonly cidr: Cidr
  readonly gateway: string
}

/** The two networks of a cluster. */
export interface ClusterNetworks {
  readonly management: ClusterNetwork
  readonly provider: ClusterNetwork
  /** Sentences on ranges that could not be taken. */
  readonly notes: readonly string[]
}

/** What is wanted of the networks. */
export interface NetworkOptions {
  readonly name: string
  readonly managementCidr?: string
  readonly providerCidr?: string
  readonly signal?: AbortSignal
}

interface Kind {
  readonly purpose: 'management' | 'provider'
  readonly option: string
  readonly ranges: readonly string[]
  readonly wanted: string | undefined
}

/** The part of a range that Docker may give to whoever is connected without a fixed address: its end, where neither a node nor a guest is. */
export function dockerPool(range: Cidr): Cidr {
  const prefix = Math.min(30, Math.max(range.prefix + 1, 27))
  return { base: range.base + 2 ** (32 - range.prefix) - 2 ** (32 - prefix), prefix }
}

/** Makes the networks of a cluster; those that are there keep their ranges. */
export async function ensureNetworks(options: NetworkOptions): Promise<ClusterNetworks> {
  const management = await ensureNetwork(options, {
    purpose: 'management',
    option: '--management-cidr',
    ranges: MANAGEMENT_RANGES,
    wanted: options.managementCidr,
  })
  const provider = await ensureNetwork(options, { purpose: 'provider', option: '--provider-cidr', ranges: PROVIDER_RANGES, wanted: options.providerCidr })
  return { management: management.network, provider: provider.network, notes: [...management.notes, ...provider.notes] }
}

const ATTEMPTS = 5

async function ensureNetwork(options: NetworkOptions, kind: Kind): Promise<{ network: ClusterNetwork; notes: string[] }> {
  const name = `${options.name}-${kind.purpose}`
  for (let attempt = 1; ; attempt++) {
    const networks = await dockerNetworks(options.signal)
    const existing = networks.find((network) => network.name === name)
    if (existing) return { network: keep(existing, options.name, kind), notes: [] }
    const chosen = await choose(networks, kind, options.signal)
    const network = { name, cidr: chosen.cidr, gateway: addressOf(chosen.cidr, 1) }
    try {
      await createNetwork({ ...network, pool: dockerPool(chosen.cidr), labels: { [CLUSTER_LABEL]: options.name } }, options.signal)
    } catch (error) {
      // Somebody took the range between the look and the call; the next look shows it.
      if (attempt < ATTEMPTS && error instanceof CommandError && /overlaps|already exists/.test(error.stderr)) continue
      throw error
    }
    const taken = formatCidr(chosen.cidr)
    return { network, notes: chosen.passedOver.map((why) => `${kind.purpose} network: ${why}; ${taken} was taken (${kind.option} chooses another)`) }
  }
}

function keep(network: DockerNetwork, cluster: string, { purpose, option, wanted }: Kind): ClusterNetwork {
  const [cidr] = network.ranges
  if (network.labels[CLUSTER_LABEL] !== cluster || !cidr)
    throw new Error(`The Docker network ${network.name} exists and is none of ours: remove it ("docker network rm ${network.name}"), or choose another name.`)
  if (wanted !== undefined && formatCidr(parseCidr(wanted)) !== formatCidr(cidr))
    throw new Error(`The cluster ${cluster} exists with the ${purpose} range ${formatCidr(cidr)}: remove it first ("npm run down"), or leave out ${option}.`)
  return { name: network.name, cidr, gateway: addressOf(cidr, 1) }
}

async function choose(networks: readonly DockerNetwork[], { purpose, ranges, wanted }: Kind, signal?: AbortSignal): Promise<ChosenRange> {
  const used: UsedRange[] = [
    // Before the routes: a bridge of Docker's is a route, too, and the name says more.
    ...networks.flatMap(({ name, ranges }) => ranges.map((cidr) => ({ cidr, by: `the Docker network ${name}` }))),
    ...routedRanges(await run('ip', ['-4', 'route', 'show', 'table', 'all'], { signal })),
    { cidr: parseCidr(POD_SUBNET), by: "the pods' range" },
    { cidr: parseCidr(SERVICE_SUBNET), by: "the Services' range" },
  ]
  return chooseRange(purpose, used, ranges, wanted)
}
