import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ManifestObject } from '../../local/up/manifest.ts'
import { DashboardVisitor } from '../../local/verify/dashboard.ts'
import { eventually, pings } from '../../local/verify/guest.ts'
import { CLOUD, conditionOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { PingLog } from '../../local/verify/ping-log.ts'

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
  })

  test('the network mode changes on a running cloud, but not while networks depend on it; a guest answers all the time', async () => {
    const [admin, user] = [await env().client('admin'), await env().client('myuser')]
    const { id, addresses } = await user.json<{ id: string; addresses: Record<string, string[]> }>('server', 'show', 'vm0')
    const [address = ''] = addresses['provider'] ?? []
    const binaries = async () => (await admin.json<{ Binary: string }[]>('network', 'agent', 'list')).map(({ Binary }) => Binary)
    const log = new PingLog(address)
    try {
      await env().change({ services: { neutron: { mode: 'SelfService' } } })
      await env().ready(240)
      assert.ok((await binaries()).includes('neutron-l3-agent'))
      await user.text('network', 'create', 'own')
      await user.text('router', 'create', 'way-out')
      await env().change({ services: { neutron: { mode: 'Provider' } } })
      const seen = await env().until(
        'a problem with what depends on the mode',
        120,
        ({ status }) => status?.steps?.some(({ id: step, state }) => step === 'neutron/mode' && state === 'Failed') ?? false,
      )
      assert.match(
        conditionOf(seen, 'Degraded')?.message ?? '',
        /services\.neutron\.mode: cannot become Provider while there are network own, router way-out: delete them, or set SelfService again/,
      )
      assert.equal(conditionOf(seen, 'Degraded')?.reason, 'NetworksDependOnMode')
      assert.equal((await user.json<{ name: string }>('router', 'show', 'way-out')).name, 'way-out', 'what is there works on')
      await user.text('router', 'delete', 'way-out')
      await user.text('network', 'delete', 'own')
      await env().ready(240)
      await eventually(
        'the L3 agent to be gone',
        60,
        async () => (await env().list<object>('pods', '-l', 'app.kubernetes.io/name=neutron-l3-agent')).length === 0,
      )
      await assert.rejects(user.text('router', 'create', 'again'), /routers/i)
    } finally {
      await log.stop()
    }
    const { sent, lost } = log.result()
    // The agents start anew and look at every rule; five pings are a second.
    assert.ok(lost <= 5, `${lost} of ${sent} pings were lost`)
    assert.equal((await user.json<{ id: string }>('server', 'show', 'vm0')).id, id)
    await env().deleteCloud(240)
  })
}
