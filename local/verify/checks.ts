import type { Check, Surroundings } from './check.ts'
import { expect } from '../../plugin/verify/check.ts'
import type { OpenStackClient } from './client.ts'
import { dashboardChecks } from './dashboard-checks.ts'
import { eventually, page, pings } from './guest.ts'
import { identityChecks } from './identity-checks.ts'
import { volumeChecks } from './volume-checks.ts'
import { imageChecks } from './image-checks.ts'
import { nodeChecks } from './node-checks.ts'

interface Service {
  readonly Binary: string
  readonly Host: string
  readonly State: string
  readonly Alive?: boolean | string
}

/** The floating IP of a server's addresses: the last one of those that the client lists. */
async function floatingIp({ user, server }: Surroundings): Promise<string> {
  const { addresses } = await user.json<{ addresses: Record<string, string[]> }>('server', 'show', server)
  const all = Object.values(addresses).flat()
  const floating = await user.json<{ 'Floating IP Address': string }[]>('floating', 'ip', 'list')
  const address = floating.map((each) => each['Floating IP Address']).find((each) => all.includes(each))
  expect(address !== undefined, `a floating IP among the addresses of ${server}`, all)
  return address
}

async function token(client: OpenStackClient, who: string): Promise<string> {
  const { expires, id } = await client.json<{ expires: string; id: string }>('token', 'issue')
  expect(id.length > 0 && Date.parse(expires) > Date.now(), `a token for ${who} that is valid`, { expires })
  return `valid until ${expires}`
}

/** The course's checks, in its order. */
export const checks: readonly Check[] = [
  { name: 'token as admin', run: ({ admin }) => token(admin, 'admin') },
  { name: 'token as the declared user', run: ({ user, userName }) => token(user, userName) },
  ...identityChecks,
  {
    name: 'service catalogue',
    run: async ({ admin }) => {
      const catalog = await admin.json<{ Type: string }[]>('catalog', 'list')
      const types = catalog.map(({ Type }) => Type).toSorted()
      for (const type of ['compute', 'identity', 'image', 'network', 'placement']) expect(types.includes(type), `${type} in the catalogue`, types)
      return types.join(', ')
    },
  },
  {
    name: 'image list and checksum',
    run: async ({ user, image }) => {
      const { status, checksum, properties } = await user.json<{ status: string; checksum: string; properties: Record<string, string> }>(
        'image',
        'show',
        image.name,
      )
      expect(status === 'active', `image ${image.name} to be active`, status)
      const hash = `${properties['os_hash_algo']}:${properties['os_hash_value']}`
      expect(/^[0-9a-f]{32}$/.test(checksum) && /^sha512:[0-9a-f]{128}$/.test(hash), `checksums of image ${image.name}`, { checksum, hash })
      return `${image.name}, MD5 ${checksum}`
    },
  },
  ...imageChecks,
  {
    name: 'compute services',
    run: async ({ admin }) => {
      const services = await admin.json<Service[]>('compute', 'service', 'list')
      for (const binary of ['nova-scheduler', 'nova-conductor', 'nova-compute']) {
        expect(
          services.some(({ Binary, State }) => Binary === binary && State === 'up'),
          `${binary} to be up`,
          services,
        )
      }
      return services.map(({ Binary, Host, State }) => `${Binary} on ${Host} ${State}`).join(', ')
    },
  },
  {
    name: 'cells',
    run: async ({ inPod }) => {
      const output = await inPod('nova-conductor', 'nova-manage', 'cell_v2', 'list_hosts')
      const hosts = output.split('\n').filter((line) => line.includes('cell1'))
      expect(hosts.length > 0, 'a host in cell1', output)
      return `${hosts.length} in cell1`
    },
  },
  { name: 'nova upgrade check', run: ({ inPod }) => upgradeCheck(inPod, 'nova-conductor', 'nova-status') },
  { name: 'placement upgrade check', run: ({ inPod }) => upgradeCheck(inPod, 'placement-api', 'placement-status') },
  {
    name: 'network agents',
    run: async ({ admin }) => {
      const agents = await admin.json<Service[]>('network', 'agent', 'list')
      for (const binary of ['neutron-linuxbridge-agent', 'neutron-dhcp-agent', 'neutron-l3-agent', 'neutron-metadata-agent']) {
        expect(
          agents.some(({ Binary, Alive }) => Binary === binary && (Alive === true || Alive === ':-)')),
          `${binary} to be alive`,
          agents,
        )
      }
      return agents.map(({ Binary, Host }) => `${Binary} on ${Host}`).join(', ')
    },
  },
  {
    name: 'server is ACTIVE',
    run: async ({ user, server }) => {
      const { status } = await user.json<{ status: string }>('server', 'show', server)
      expect(status === 'ACTIVE', `server ${server} to be ACTIVE`, status)
      return server
    },
  },
  {
    name: 'console log shows the lease, the metadata and the login prompt',
    run: ({ user, server, signal }) =>
      eventually(
        `"lease", "metadata" and "login:" in the console log of ${server}`,
        90,
        async () => {
          const log = await user.text('console', 'log', 'show', server)
          const lease = /lease\b.*?(\d+\.\d+\.\d+\.\d+)/.exec(log)
          const metadata = /metadata\b.*instance-id=(\S+)/.exec(log)
          return lease && metadata && /login:/.test(log) ? `lease ${lease[1]}, instance ${metadata[1]}, login prompt` : undefined
        },
        signal,
      ),
  },
  {
    name: 'floating IP answers ping',
    run: async (surroundings) => {
      const address = await floatingIp(surroundings)
      await eventually(`an answer to a ping of ${address}`, 60, () => pings(address, surroundings.signal), surroundings.signal)
      return address
    },
  },
  {
    name: 'floating IP answers on TCP',
    run: async (surroundings) => {
      const address = await floatingIp(surroundings)
      const text = await eventually(`a page from http://${address}/`, 60, () => page(address), surroundings.signal)
      return `http://${address}/ says "${text
        .replaceAll(/<[^>]*>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim()
        .slice(0, 60)}"`
    },
  },
  {
    name: 'a packet of 1,400 bytes arrives whole',
    run: async (surroundings) => {
      const address = await floatingIp(surroundings)
      await eventually(`an answer from ${address} to 1,400 bytes that nobody may cut`, 30, () => pings(address, surroundings.signal, 1400), surroundings.signal)
      return `${address}, without being cut on the way`
    },
  },
  {
    name: "the nodes' clocks",
    applies: ({ spec }) => spec.timeSync.mode !== 'Off',
    run: ({ cluster: { spec, status } }) => {
      const { watchedClocks = 0, wrongClocks = 0 } = status?.hypervisors ?? {}
      const limit = spec.timeSync.maxOffsetMilliseconds
      expect(watchedClocks > 0 && wrongClocks === 0, `clocks that are at most ${limit} ms off`, status?.hypervisors)
      return Promise.resolve(`${watchedClocks}, none more than ${limit} ms off`)
    },
  },
  { name: 'a security group drops, then allows', run: securityGroup },
  ...volumeChecks,
  ...dashboardChecks,
  ...nodeChecks,
]

async function upgradeCheck(inPod: Surroundings['inPod'], app: string, program: string): Promise<string> {
  // Exit code 1 is for warnings.
  const text = await inPod(app, 'sh', '-c', `${program} upgrade check || [ $? -eq 1 ]`)
  const results = [...text.matchAll(/Check: (.+?)\s*\|[\s\S]*?Result: (\w+)/g)].map(([, check = '', result = '']) => ({ check, result }))
  expect(results.length > 0 && results.every(({ result }) => result !== 'Failure'), 'every check to pass', text)
  return results.map(({ check, result }) => `${check} ${result}`).join(', ')
}

/** Puts the server's port into a group of its own that lets nothing in, then lets pings in, and puts everything back. */
async function securityGroup(surroundings: Surroundings): Promise<string> {
  const { user, server, signal } = surroundings
  const group = `verify-${server}`
  const address = await floatingIp(surroundings)
  const [port] = await user.json<{ ID: string }[]>('port', 'list', '--server', server)
  expect(port !== undefined, `a port of server ${server}`, 'none')
  const { security_group_ids: before } = await user.json<{ security_group_ids: string[] }>('port', 'show', port.ID)
  const { id } = await user.json<{ id: string }>('security', 'group', 'create', group)
  try {
    await user.text('port', 'set', '--no-security-group', '--security-group', id, port.ID)
    await eventually(`no answer to a ping of ${address} without a rule`, 30, async () => !(await pings(address, signal)), signal)
    await user.text('security', 'group', 'rule', 'create', '--protocol', 'icmp', id)
    await eventually(`an answer to a ping of ${address} with a rule for ICMP`, 30, () => pings(address, signal), signal)
    expect((await page(address)) === undefined, `no answer on TCP from ${address} without a rule for it`, 'a page')
  } finally {
    await user.text('port', 'set', '--no-security-group', ...before.flatMap((each) => ['--security-group', each]), port.ID)
    await user.text('security', 'group', 'delete', id)
  }
  return `${address}: no rule no answer, a rule for ICMP and pings come back, TCP stays closed`
}
