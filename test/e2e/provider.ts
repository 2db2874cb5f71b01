import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ManifestObject } from '../../local/up/manifest.ts'
import { DashboardVisitor } from '../../local/verify/dashboard.ts'
import { eventually, pings } from '../../local/verify/guest.ts'
import { CLOUD } from './environment.ts'
import type { Environment } from './environment.ts'

interface Spec {
  readonly services: { readonly neutron: object }
  readonly bootstrap: { readonly networks: readonly { readonly name: string }[]; readonly servers: readonly Record<string, unknown>[] }
}

/** The course's first network option: guests on the physical network, without routers. */
function providerOnly(object: ManifestObject): ManifestObject {
  if (object.kind !== 'OpenStackCluster') return object
  // The sample is what `up` applies: it has these fields.
  const spec = object.spec as Spec
  const { bootstrap } = spec
  return {
    ...object,
    spec: {
      ...spec,
      deletionPolicy: 'Delete',
      services: { ...spec.services, neutron: { ...spec.services.neutron, mode: 'Provider' } },
      bootstrap: {
        ...bootstrap,
        networks: bootstrap.networks.filter(({ name }) => name === 'provider'),
        routers: [],
        servers: bootstrap.servers.map((server) => ({ ...server, networks: ['provider'], floatingNetwork: undefined })),
      },
    },
  }
}

/** A cloud of its own, after the other one is gone. */
export function providerTests(env: () => Environment): void {
  test('with provider networks only: a guest on the physical network answers, there is no L3 agent, and the dashboard offers no routers', async () => {
    await env().kubectl.apply(env().manifest.map(providerOnly))
    const { status } = await env().ready(420)
    const [admin, user] = [await env().client('admin'), await env().client('myuser')]
    const agents = (await admin.json<{ Binary: string }[]>('network', 'agent', 'list')).map(({ Binary }) => Binary)
    assert.deepEqual([...new Set(agents)].toSorted(), ['neutron-dhcp-agent', 'neutron-linuxbridge-agent', 'neutron-metadata-agent'])
    const { addresses } = await user.json<{ addresses: Record<string, string[]> }>('server', 'show', 'vm0')
    const [address = ''] = addresses['provider'] ?? []
    await eventually(`an answer from ${address} on the physical network`, 120, () => pings(address))
    await eventually('metadata in the console log', 60, async () => /metadata instance-id=/.test(await user.text('console', 'log', 'show', 'vm0')))
    const { password = '' } = await env().secret(`${CLOUD}-user-myuser`)
    const url = status?.endpoints?.find(({ service }) => service === 'horizon')?.public ?? ''
    const { text } = await new DashboardVisitor(url).logIn('myuser', password, 'Default')
    assert.match(text, /Network Topology/)
    assert.doesNotMatch(text, /Routers|Floating IPs/)
    await env().in('delete', 'openstackcluster', CLOUD, '--timeout=240s')
  })
}
