import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../local/verify/guest.ts'
import type { Environment } from './environment.ts'

type Labels = Readonly<Record<string, string>>

/** The series of a metric in what the operator exports. */
function seriesOf(metrics: string, name: string): (readonly [Labels, number])[] {
  return [...metrics.matchAll(new RegExp(`^${name}\\{(.*)\\} (\\S+)$`, 'gm'))].map(([, labels = '', value]) => [
    Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text])),
    Number(value),
  ])
}

/** What Nova, Neutron, RabbitMQ and MariaDB say by the way, as Prometheus gets it. */
export function metricsTests(env: () => Environment): void {
  test('the metrics tell of the cloud: every agent is heard of, what is used of a quota, and what waits in queues', async () => {
    // After a restart of the operator the answers come one after the other.
    const answered = { teruwa_agent_up: 7, teruwa_quota_used: 2, teruwa_queues: 2, teruwa_database_connections: 1 }
    const metrics = await eventually('every agent to be heard of, and all else to be answered', 120, async () => {
      const text = await env().metrics()
      const up = seriesOf(text, 'teruwa_agent_up').every(([, value]) => value === 1)
      return up && Object.entries(answered).every(([name, count]) => seriesOf(text, name).length >= count) ? text : undefined
    })
    const heard = new Set(seriesOf(metrics, 'teruwa_agent_up').map(([{ agent }]) => agent))
    for (const agent of ['nova-compute', 'nova-conductor', 'nova-scheduler', 'neutron-linuxbridge-agent', 'neutron-dhcp-agent', 'neutron-l3-agent'])
      assert.ok(heard.has(agent), `${agent} is none of ${[...heard].join()}`)
    const [servers] = seriesOf(metrics, 'teruwa_servers')
    const instances = (what: 'used' | 'limit') =>
      seriesOf(metrics, `teruwa_quota_${what}`).find(([{ project, resource }]) => project === 'myproject' && resource === 'instances')?.[1]
    assert.ok((servers?.[1] ?? 0) >= 1)
    assert.deepEqual([(instances('used') ?? 0) >= 1, instances('limit')], [true, 20])
    const queues = new Map(seriesOf(metrics, 'teruwa_queues').map(([{ service }, count]) => [service, count]))
    for (const service of ['neutron', 'nova']) assert.ok((queues.get(service) ?? 0) > 5, `${service} has ${queues.get(service)} queues`)
    assert.equal(seriesOf(metrics, 'teruwa_queue_longest_messages').length, queues.size)
    const [[, connections] = []] = seriesOf(metrics, 'teruwa_database_connections')
    assert.ok(connections !== undefined && connections >= 5 && connections < 1000, `${connections} connections`)
    const ends = seriesOf(metrics, 'teruwa_certificate_expiration_timestamp_seconds')
    assert.ok(ends.length >= 2 && ends.every(([, end]) => end * 1000 > Date.now()))
  })
}
