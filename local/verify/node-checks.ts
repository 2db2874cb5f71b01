import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from '../../plugin/verify/check.ts'
import type { Check, CheckedCluster, Surroundings } from './check.ts'
import { consoleGreeting } from './console.ts'
import { eventually, pings } from './guest.ts'
import { PingLog } from './ping-log.ts'

/** So many pings, one a second, may a guest of 128 MB miss while it moves. */
export const MOST_LOST = 3

const hasSeveral = ({ status }: CheckedCluster): boolean => (status?.hypervisors?.up ?? 0) > 1
const hasVxlan = (cluster: CheckedCluster): boolean => hasSeveral(cluster) && cluster.spec.services.neutron.mode === 'SelfService'

/** The checks of a cloud with more than one hypervisor. */
export const nodeChecks: readonly Check[] = [
  { name: 'each host once, under its name', applies: hasSeveral, run: eachHostOnce },
  { name: 'guests on two hypervisors talk, show their consoles, and one moves live', applies: hasVxlan, run: twoHypervisors },
]

interface Service {
  readonly Binary: string
  readonly Host: string
}

async function eachHostOnce({ admin, cluster, nodes }: Surroundings): Promise<string> {
  const [hypervisors, services, agents] = await Promise.all([
    admin.json<{ 'Hypervisor Hostname': string }[]>('hypervisor', 'list'),
    admin.json<Service[]>('compute', 'service', 'list', '--service', 'nova-compute'),
    admin.json<Service[]>('network', 'agent', 'list'),
  ])
  const names = hypervisors.map((each) => each['Hypervisor Hostname']).toSorted()
  expect(names.length === cluster.status?.hypervisors?.labelled, `${cluster.status?.hypervisors?.labelled} hypervisors`, names)
  expect(new Set(names).size === names.length && names.every((name) => nodes.includes(name)), `names of the nodes ${nodes.join(', ')}, each once`, names)
  const hosts = services.map(({ Host }) => Host).toSorted()
  expect(JSON.stringify(hosts) === JSON.stringify(names), `nova-compute on ${names.join(', ')}`, hosts)
  const pairs = agents.map(({ Binary, Host }) => `${Binary} on ${Host}`)
  expect(new Set(pairs).size === pairs.length, 'each agent of a host once', pairs)
  for (const name of names) expect(pairs.includes(`neutron-linuxbridge-agent on ${name}`), `a linuxbridge agent on ${name}`, pairs)
  return names.join(', ')
}

/** A guest of this check. */
interface Guest {
  readonly name: string
  readonly port: string
  readonly address: string
}

/** Makes two guests that may not be on one host, looks at both, and moves the first to the other's host. All of it is gone at the end. */
async function twoHypervisors(surroundings: Surroundings): Promise<string> {
  const { user, signal } = surroundings
  const undo: (() => Promise<unknown>)[] = []
  try {
    const group = await user.json<{ id: string }>('server', 'group', 'create', '--policy', 'anti-affinity', 'verify-apart')
    undo.push(() => user.text('server', 'group', 'delete', group.id))
    const network = await tenantNetwork(surroundings)
    const [a, b] = await Promise.all(['verify-a', 'verify-b'].map((name) => newPort(surroundings, name, network, undo)))
    if (a === undefined || b === undefined) throw new RangeError('two ports were just made')
    // One after the other: of two that are scheduled at once, each can find the other on its host when it is claimed there, and both are turned away.
    await boot(surroundings, a, b, group.id, undo)
    await boot(surroundings, b, a, group.id, undo)
    const [from, to] = await Promise.all([hostOf(surroundings, a), hostOf(surroundings, b)])
    expect(from !== to, 'two guests of an anti-affinity group on two hosts', [from, to])
    const floating = await user.json<{ floating_ip_address: string; id: string }>(
      'floating',
      'ip',
      'create',
      '--port',
      a.port,
      await externalNetwork(surroundings),
    )
    undo.push(() => user.text('floating', 'ip', 'delete', floating.id))
    await Promise.all([hears(surroundings, a, b), hears(surroundings, b, a)])
    const consoles = await Promise.all([a, b].map((guest) => greeting(surroundings, guest)))
    await user.text('server', 'delete', '--wait', b.name)
    const address = floating.floating_ip_address
    await eventually(`an answer to a ping of ${address}`, 60, () => pings(address, signal), signal)
    const { lost, gap } = await move(surroundings, a, to, address)
    expect(lost <= MOST_LOST, `at most ${MOST_LOST} pings lost while ${a.name} moved from ${from} to ${to}`, `${lost} lost, no answer for ${gap.toFixed(1)} s`)
    consoles.push(await greeting(surroundings, a))
    return `${from} and ${to} over VXLAN both ways; consoles ${[...new Set(consoles)].join()}; ${a.name} moved, ${lost} pings lost (no answer for ${gap.toFixed(1)} s)`
  } finally {
    for (const step of undo.toReversed()) await step().catch(() => undefined)
  }
}

async function tenantNetwork({ user }: Surroundings): Promise<string> {
  const networks = await user.json<{ ID: string; Name: string }[]>('network', 'list', '--internal')
  const [network] = networks
  expect(network !== undefined, 'a network of the project', networks)
  return network.ID
}

async function externalNetwork({ user }: Surroundings): Promise<string> {
  const networks = await user.json<{ ID: string }[]>('network', 'list', '--external')
  const [network] = networks
  expect(network !== undefined, 'an external network', networks)
  return network.ID
}

async function newPort({ user }: Surroundings, name: string, network: string, undo: (() => Promise<unknown>)[]): Promise<Guest> {
  const port = await user.json<{ id: string; fixed_ips: { ip_address: string }[] }>('port', 'create', '--network', network, name)
  undo.push(() => user.text('port', 'delete', port.id))
  const [first] = port.fixed_ips
  expect(first !== undefined, `an address of port ${name}`, port)
  return { name, port: port.id, address: first.ip_address }
}

/** Boots a guest that pings the other one until that answers, and says so on its console. */
async function boot({ user, cluster, image, server }: Surroundings, guest: Guest, peer: Guest, group: string, undo: (() => Promise<unknown>)[]): Promise<void> {
  const declared = cluster.spec.bootstrap.servers.find(({ name }) => name === server)
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-verify-'))
  try {
    const script = join(folder, 'user-data')
    await writeFile(
      script,
      `#!/bin/sh\nuntil ping -c 1 -W 1 ${peer.address} > /dev/null; do sleep 1; done\necho "teruwa-guest: ${peer.address} answers" > /dev/console\n`,
    )
    undo.push(() => user.text('server', 'delete', '--wait', guest.name))
    const what = ['--flavor', declared?.flavor ?? '', '--image', image.name, '--port', guest.port, '--hint', `group=${group}`, '--user-data', script]
    await user.boot(guest.name, ...what)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function idOf({ user }: Surroundings, { name }: Guest): Promise<string> {
  return (await user.json<{ id: string }>('server', 'show', name)).id
}

/** Only administrators see where a server is. */
async function hostOf(surroundings: Surroundings, guest: Guest): Promise<string> {
  const server = await surroundings.admin.json<Record<string, string>>('server', 'show', await idOf(surroundings, guest))
  return server['OS-EXT-SRV-ATTR:host'] ?? ''
}

async function hears({ user, signal }: Surroundings, guest: Guest, peer: Guest): Promise<void> {
  const sentence = `${peer.address} answers`
  await eventually(
    `"${sentence}" in the console log of ${guest.name}`,
    120,
    async () => (await user.text('console', 'log', 'show', guest.name)).includes(sentence),
    signal,
  )
}

async function greeting({ user }: Surroundings, guest: Guest): Promise<string> {
  const { url } = await user.json<{ url: string }>('console', 'url', 'show', guest.name)
  return consoleGreeting(url)
}

/** Moves a guest to a host while it is pinged. Returns how many pings, one a second, were lost, and for how long none was answered, in seconds. */
async function move(surroundings: Surroundings, guest: Guest, host: string, address: string): Promise<{ lost: number; gap: number }> {
  const { admin, signal } = surroundings
  const id = await idOf(surroundings, guest)
  const logs = [new PingLog(address, 1), new PingLog(address)] as const
  try {
    await admin.text('--os-compute-api-version', '2.30', 'server', 'migrate', '--live-migration', '--host', host, '--wait', id)
    expect((await hostOf(surroundings, guest)) === host, `${guest.name} on ${host}`, 'it where it was')
    await eventually(`an answer to a ping of ${address} after the move`, 60, () => pings(address, signal), signal)
    // What is under way is answered, too.
    await delay(2000, undefined, signal ? { signal } : {})
  } finally {
    await Promise.all(logs.map((log) => log.stop()))
  }
  const [each, often] = logs
  return { lost: each.result().lost, gap: often.result().lost * 0.2 }
}
