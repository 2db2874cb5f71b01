import type { CommandOptions } from './command.ts'
import { run } from './command.ts'
import type { Cidr } from './cidr.ts'
import { formatCidr, parseCidr } from './cidr.ts'

/** On each container, network and volume of an embedded cluster; its value is the cluster's name. */
export const CLUSTER_LABEL = 'io.teruwa.cluster'

/** Runs the docker client. */
export function docker(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return run('docker', args, options)
}

async function lines(args: readonly string[], signal?: AbortSignal): Promise<string[]> {
  return (await docker(args, { signal })).split('\n').filter((line) => line !== '')
}

/** Runs a program in a container and returns its stdout. */
export function exec(container: string, command: readonly string[], options: CommandOptions = {}): Promise<string> {
  const stdin = options.input === undefined ? [] : ['-i']
  return docker(['exec', ...stdin, container, ...command], options)
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** Writes files into a running container; folders are made. */
export async function writeFiles(container: string, files: Readonly<Record<string, { content: string; mode?: string }>>, signal?: AbortSignal): Promise<void> {
  const script = Object.entries(files).map(([path, { content, mode = '644' }]) => {
    const base64 = Buffer.from(content).toString('base64')
    // Renamed into its place: whoever waits for the file sees it whole.
    return `p=${quote(path)}; mkdir -p "$(dirname "$p")"; echo ${base64} | base64 -d > "$p.new"; chmod ${mode} "$p.new"; mv "$p.new" "$p"`
  })
  await exec(container, ['sh', '-eu', '-s'], { input: `${script.join('\n')}\n`, signal })
}

/** A Docker network with an IPv4 range. */
export interface DockerNetwork {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly ranges: readonly Cidr[]
}

interface NetworkInspect {
  Name: string
  Labels: Record<string, string> | null
  IPAM: { Config: { Subnet?: string }[] | null }
}

/** All networks of the engine. */
export async function dockerNetworks(signal?: AbortSignal): Promise<DockerNetwork[]> {
  const ids = await lines(['network', 'ls', '-q'], signal)
  if (ids.length === 0) return []
  const inspected: NetworkInspect[] = JSON.parse(await docker(['network', 'inspect', ...ids], { signal }))
  return inspected.map(({ Name, Labels, IPAM }) => ({
    name: Name,
    labels: Labels ?? {},
    ranges: (IPAM.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined || Subnet.includes(':') ? [] : [parseCidr(Subnet)])),
  }))
}

/** Makes a bridge network. `pool` is the part of the range that Docker itself hands out. */
export async function createNetwork(
  network: { name: string; cidr: Cidr; gateway: string; pool?: Cidr; labels: Readonly<Record<string, string>> },
  signal?: AbortSignal,
): Promise<void> {
  const labels = Object.entries(network.labels).flatMap(([name, value]) => ['--label', `${name}=${value}`])
  const pool = network.pool ? ['--ip-range', formatCidr(network.pool)] : []
  const args = ['--subnet', formatCidr(network.cidr), '--gateway', network.gateway, ...pool, ...labels, network.name]
  await docker(['network', 'create', '--driver', 'bridge', ...args], { signal })
}

/** A container that carries the label of a cluster. */
export interface LabelledContainer {
  readonly name: string
  readonly running: boolean
  /** When it was started last. */
  readonly startedAt: Date
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
}

interface ContainerInspect {
  Name: string
  State: { Running: boolean; StartedAt: string }
  Config: { Image: string; Labels: Record<string, string> }
}

/** The containers of a cluster, by name. */
export async function clusterContainers(cluster: string, signal?: AbortSignal): Promise<LabelledContainer[]> {
  const ids = await lines(['ps', '-aq', '--filter', `label=${CLUSTER_LABEL}=${cluster}`], signal)
  if (ids.length === 0) return []
  const inspected: ContainerInspect[] = JSON.parse(await docker(['inspect', ...ids], { signal }))
  return inspected
    .map(({ Name, State, Config }) => ({
      name: Name.replace(/^\//, ''),
      running: State.Running,
      startedAt: new Date(State.StartedAt),
      image: Config.Image,
      labels: Config.Labels,
    }))
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
}

/** Removes every container, network and volume with the label of a cluster. Returns what was removed. */
export async function removeLabelled(cluster: string, signal?: AbortSignal): Promise<string[]> {
  const filter = ['--filter', `label=${CLUSTER_LABEL}=${cluster}`]
  const containers = await lines(['ps', '-a', ...filter, '--format', '{{.Names}}'], signal)
  if (containers.length > 0) await docker(['rm', '-f', '-v', ...containers], { signal })
  const networks = await lines(['network', 'ls', ...filter, '--format', '{{.Name}}'], signal)
  if (networks.length > 0) await docker(['network', 'rm', ...networks], { signal })
  const volumes = await lines(['volume', 'ls', '-q', ...filter], signal)
  if (volumes.length > 0) await docker(['volume', 'rm', ...volumes], { signal })
  return [...containers.map((name) => `container ${name}`), ...networks.map((name) => `network ${name}`), ...volumes.map((name) => `volume ${name}`)]
}

/** Whether the engine has an image. */
export async function hasImage(reference: string, signal?: AbortSignal): Promise<boolean> {
  return (await lines(['images', '-q', reference], signal)).length > 0
}
