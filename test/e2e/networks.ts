import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { docker } from '../../local/docker.ts'
import { eventually, pingArguments, pings } from '../../local/verify/guest.ts'
import type { Environment } from './environment.ts'
import { namespaceOf, setMtu } from './network-paths.ts'
import { PingLog } from '../../local/verify/ping-log.ts'

/** An address that the guest takes although nobody gave it one. */
const FOREIGN = '10.77.0.99'
const JUMBO = 9000

interface Port {
  readonly ID: string
  readonly 'Fixed IP Addresses': readonly { readonly ip_address: string }[]
}

interface Named {
  readonly id: string
}

/** Networks of every kind, on a cloud with two hypervisors, the first of which is the network node. */
export function networkTests(env: () => Environment): void {
  const step = (id: string, seconds: number, message: RegExp) =>
    env().until(`the step ${id} to say ${message}`, seconds, ({ status }) =>
      (status?.steps ?? []).some((each) => each.id === id && each.state === 'Failed' && message.test(each.message ?? '')),
    )
  const specOf = () => env().manifest.find(({ kind }) => kind === 'OpenStackCluster')?.spec as { bootstrap: { networks: object[] } }
  const foreign: { network: string; port: string; dhcp: string; router: string } = { network: '', port: '', dhcp: '', router: '' }

  test('an MTU that nodes do not carry and a VLAN without 8021q: conditions name node, interface and remedy, and guests go on', async () => {
    const [first] = env().nodes
    const user = await env().client('myuser')
    const [address = ''] = (await user.json<{ 'Floating IP Address': string }[]>('floating', 'ip', 'list')).map((each) => each['Floating IP Address'])
    const tagged = { name: 'tagged', provider: { type: 'vlan', physicalNetwork: 'provider', segmentationId: 7 } }
    await env().change({
      services: { neutron: { mtu: JUMBO, physicalNetworks: [{ name: 'provider', interface: 'eth1', mtu: 1500 }] } },
      bootstrap: { networks: [...specOf().bootstrap.networks, tagged] },
    })
    const sentence = /interface eth0 of node \S+ carries packets of 1500 bytes at most, and services\.neutron\.mtu is 9000: ip link set dev eth0 mtu 9000/
    await step('neutron/nodes', 120, sentence)
    await eventually(`an answer from ${address} all the same`, 30, () => pings(address))
    for (const node of env().nodes) await setMtu(node, 'eth0', JUMBO)
    const vlans = await docker(['exec', first, 'sh', '-c', '[ -d /proc/net/vlan ] && echo yes || true'])
    if (!vlans.includes('yes'))
      await step('neutron/nodes', 180, /the kernel of node \S+ has no 8021q, which the network tagged of type vlan needs: modprobe 8021q/)
    await env().change({ bootstrap: { networks: specOf().bootstrap.networks } })
    await env().ready(180)
    // It may have been taken out before it was made.
    const admin = await env().client('admin')
    for (const { ID, Name } of await admin.json<{ ID: string; Name: string }[]>('network', 'list'))
      if (Name === 'tagged') await admin.text('network', 'delete', ID)
  })

  test('a guest on a network without a router, through VXLAN: lease, metadata, packets of 1,400 bytes and jumbo ones, and an address of IPv6', async () => {
    const [first, second] = env().nodes
    const [admin, user] = [await env().client('admin'), await env().client('myuser')]
    const { id: network, mtu } = await user.json<Named & { mtu: number }>('network', 'create', 'lab')
    assert.equal(mtu, JUMBO - 50)
    await user.text('subnet', 'create', '--network', network, '--subnet-range', '10.77.0.0/24', 'lab-v4')
    const slaac = ['--ip-version', '6', '--ipv6-ra-mode', 'slaac', '--ipv6-address-mode', 'slaac']
    await user.text('subnet', 'create', '--network', network, ...slaac, '--subnet-range', 'fd00:77::/64', 'lab-v6')
    const { id: router } = await user.json<Named>('router', 'create', 'lab')
    await user.text('router', 'add', 'subnet', router, 'lab-v6')
    await user.text('security', 'group', 'rule', 'create', '--ethertype', 'IPv6', '--protocol', 'ipv6-icmp', 'default')
    const script = join(env().folder, 'user-data')
    await writeFile(script, `#!/bin/sh\nip address add ${FOREIGN}/24 dev eth0\n`)
    await admin.text('compute', 'service', 'set', '--disable', first, 'nova-compute')
    const guest = ['--flavor', 'm1.tiny', '--image', 'teruwa-guest', '--network', network, '--user-data', script]
    await user.boot('vm-lab', ...guest)
    await admin.text('compute', 'service', 'set', '--enable', first, 'nova-compute')
    const [port] = await user.json<Port[]>('port', 'list', '--server', 'vm-lab')
    const addresses = port?.['Fixed IP Addresses'].map((each) => each.ip_address) ?? []
    const [v4 = '', v6 = ''] = addresses.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')))
    assert.match(v6, /^fd00:77::/)
    await eventually(`a lease with an MTU of ${JUMBO - 50} and metadata in the console log of vm-lab on ${second}`, 120, async () => {
      const log = await user.text('console', 'log', 'show', 'vm-lab')
      return new RegExp(`lease ${v4} .*mtu ${JUMBO - 50}`).test(log) && /metadata instance-id=/.test(log) && /user-data ended with 0/.test(log)
    })
    const dhcp = await namespaceOf(first, `qdhcp-${network}`)
    for (const bytes of [1400, 8000]) {
      await eventually(`an answer to a packet of ${bytes} bytes to ${v4}`, 30, () => dhcp('ping', ...pingArguments(v4, bytes)))
    }
    const routed = await namespaceOf(first, `qrouter-${router}`)
    await eventually(`an answer from ${v6}`, 60, () => routed('ping', '-6', ...pingArguments(v6)))
    Object.assign(foreign, { network, port: port?.ID, dhcp: `qdhcp-${network}`, router })
  })

  test("packets of an address that is not the guest's are dropped; with an address pair, or without port security, they pass", async () => {
    const user = await env().client('myuser')
    const inside = await namespaceOf(env().nodes[0], foreign.dhcp)
    const answers = () => inside('ping', ...pingArguments(FOREIGN))
    assert.equal(await answers(), false, `${FOREIGN} answers although nobody allows it`)
    await user.text('port', 'set', '--allowed-address', `ip-address=${FOREIGN}`, foreign.port)
    await eventually(`an answer from ${FOREIGN} with an address pair`, 60, answers)
    await user.text('port', 'set', '--no-allowed-address', foreign.port)
    await eventually(`no answer from ${FOREIGN} without one`, 60, async () => !(await answers()))
    await user.text('port', 'set', '--no-security-group', '--disable-port-security', foreign.port)
    await eventually(`an answer from ${FOREIGN} without port security`, 60, answers)
  })

  test('a second network node: two DHCP servers for a network, and a router that another node takes over while it is pinged', async () => {
    const [first, second] = env().nodes
    const [admin, user] = [await env().client('admin'), await env().client('myuser')]
    await env().kubectl.run(['label', 'node', second, 'openstack.teruwa.io/network='])
    await env().change({ services: { neutron: { routers: { highAvailability: true } } } })
    await env().ready(240)
    await eventually(
      // The RPC server changes with the setting: a question to the old one is asked again after a minute (rpc_response_timeout).
      'two DHCP agents for lab',
      150,
      async () => (await admin.json<object[]>('network', 'agent', 'list', '--network', foreign.network)).length === 2,
    )
    const { id: router } = await user.json<Named>('router', 'create', 'ha')
    await user.text('router', 'set', '--external-gateway', 'provider', router)
    await user.text('router', 'add', 'subnet', router, 'lab-v4')
    const { floating_ip_address: address } = await user.json<{ floating_ip_address: string }>('floating', 'ip', 'create', '--port', foreign.port, 'provider')
    await eventually(`an answer from ${address}`, 90, () => pings(address))
    const active = async () => {
      const agents = await admin.json<{ Host: string; 'HA State': string }[]>('network', 'agent', 'list', '--router', router, '--long')
      assert.equal(agents.length, 2, JSON.stringify(agents))
      const hosts = agents.filter((each) => each['HA State'] === 'active').map(({ Host }) => Host)
      return hosts.length === 1 ? hosts[0] : undefined
    }
    const before = await eventually('one active node', 60, active)
    const log = new PingLog(address)
    try {
      await docker([
        'exec',
        before,
        'sh',
        '-c',
        `ip netns exec qrouter-${router} ip link set dev $(ip netns exec qrouter-${router} ls /sys/class/net | grep ^ha-) down`,
      ])
      await eventually(`${before === first ? second : first} to be active`, 60, async () => (await active()) === (before === first ? second : first))
      await eventually(`an answer from ${address}`, 30, () => pings(address))
    } finally {
      await log.stop()
    }
    const { sent, lost } = log.result()
    assert.ok(lost <= 75, `the router was away for ${lost * 0.2} s (${lost} of ${sent} pings)`)
    await user.text('floating', 'ip', 'delete', address)
    await user.text('server', 'delete', '--wait', 'vm-lab')
    await user.text('router', 'remove', 'subnet', router, 'lab-v4')
    await user.text('router', 'remove', 'subnet', foreign.router, 'lab-v6')
    await user.text('router', 'delete', router, foreign.router)
    await user.text('network', 'delete', foreign.network)
    await env().change({ services: { neutron: { mtu: 1500, routers: { highAvailability: false } } } })
    await env().kubectl.run(['label', 'node', second, 'openstack.teruwa.io/network-'])
    await env().ready(240)
  })
}
