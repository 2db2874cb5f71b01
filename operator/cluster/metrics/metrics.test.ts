import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from '../../runtime/metrics.ts'
import { clusterOf } from '../test-world.ts'
import { cloudMetrics } from './index.ts'
import type { SeenCloud } from './metric.ts'
import { registerCloudMetrics } from './register.ts'
import { seenClouds } from './seen.ts'
import { MADE_AT, up, wholeCloud } from './test-cloud.ts'

/** The series of these clouds, without their names' and namespaces' labels. */
function seriesOf(...clouds: SeenCloud[]): string[] {
  const registry = new Registry()
  registerCloudMetrics(registry, () => clouds)
  return registry
    .text()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.replace(/\{namespace="openstack",cloud="teruwa",?/, '{').replace('{} ', ' '))
}

test('a cloud is told as it is seen', () => {
  const series = seriesOf(wholeCloud(['node-1']))
  for (const line of [
    'teruwa_cluster_info{release="zed",region="RegionOne",operator="teruwa/operator:1"} 1',
    'teruwa_cluster_condition{condition="Ready",status="true"} 1',
    'teruwa_cluster_condition{condition="Ready",status="false"} 0',
    'teruwa_cluster_condition{condition="NovaReady",status="unknown"} 1',
    'teruwa_cluster_paused 0',
    'teruwa_cluster_steps{state="Ready"} 2',
    'teruwa_cluster_steps{state="Failed"} 1',
    'teruwa_cluster_steps{state="Waiting"} 0',
    'teruwa_service_up{service="mariadb"} 1',
    'teruwa_service_up{service="keystone"} 1',
    'teruwa_service_up{service="nova"} 0',
    'teruwa_workload_replicas_desired{service="keystone",workload="keystone-api"} 2',
    'teruwa_workload_replicas_available{service="keystone",workload="keystone-api"} 1',
    'teruwa_hypervisors{state="Up"} 1',
    'teruwa_hypervisors{state="Silent"} 0',
    'teruwa_hypervisor_state{node="node-1",state="Up"} 1',
    'teruwa_hypervisor_servers{node="node-1"} 2',
    'teruwa_hypervisor_vcpus{node="node-1"} 8',
    'teruwa_hypervisor_vcpus_used{node="node-1"} 3',
    'teruwa_hypervisor_memory_bytes{node="node-1"} 4294967296',
    'teruwa_hypervisor_memory_used_bytes{node="node-1"} 1073741824',
    'teruwa_servers 2',
    'teruwa_agent_up{service="nova",agent="nova-conductor",host="nova-conductor-1"} 0',
    'teruwa_agent_up{service="nova",agent="nova-compute",host="node-1"} 1',
    'teruwa_agent_up{service="neutron",agent="neutron-linuxbridge-agent",host="node-1"} 1',
    'teruwa_agent_up{service="cinder",agent="cinder-volume",host="cinder@ceph"} 1',
    'teruwa_clock_offset_seconds{node="node-1"} -0.25',
    'teruwa_clock_offset_limit_seconds 0.5',
    'teruwa_quota_limit{domain="Default",project="demo",service="nova",resource="instances"} 10',
    'teruwa_quota_used{domain="Default",project="demo",service="nova",resource="instances"} 9',
    'teruwa_quota_limit{domain="Default",project="demo",service="cinder",resource="gigabytes"} +Inf',
    'teruwa_queues{service="nova"} 12',
    'teruwa_queue_messages_ready{service="nova"} 8',
    'teruwa_queue_messages_unacknowledged{service="nova"} 1',
    'teruwa_queue_longest_messages{service="nova"} 5',
    'teruwa_database_connections 42',
    'teruwa_database_connections_limit 1000',
    'teruwa_database_galera_members 3',
    'teruwa_database_galera_ready 1',
  ])
    assert.ok(series.includes(line), `${line} is none of\n${series.join('\n')}`)
  assert.ok(!series.some((line) => line.includes('mute')), 'a clock that nobody knows has no offset')
})

test('the end of a certificate is told, and nothing of a key', () => {
  const ends = seriesOf(wholeCloud([])).filter((line) => line.startsWith('teruwa_certificate'))
  const end = (MADE_AT + 1095 * 86_400_000) / 1000
  assert.deepEqual(
    ends,
    ['ca-cert.pem', 'cert.pem'].map((key) => `teruwa_certificate_expiration_timestamp_seconds{secret="libvirt-certificates",key="${key}"} ${end}`),
  )
})

test('every metric has the labels that it says, each series once, and a name by the rules', () => {
  const cloud = wholeCloud(['a', 'b'])
  for (const { name, help, labels, samples } of cloudMetrics) {
    assert.match(name, /^teruwa_[a-z]+(_[a-z0-9]+)*$/)
    assert.doesNotMatch(name, /_(total|count|sum|bucket)$/, `${name} is a gauge`)
    assert.match(help, /^[A-Z].*[^ ]\.?$/)
    const found = samples(cloud)
    assert.ok(found.length > 0, `${name} has no series`)
    for (const [given] of found) assert.deepEqual(Object.keys(given), labels, name)
    assert.equal(new Set(found.map(([given]) => JSON.stringify(given))).size, found.length, `${name} has a series twice`)
  }
})

test('what is not known has no series: a cloud that was never looked at, a hypervisor that Nova does not know', () => {
  const { cluster, ...others } = wholeCloud(['a'])
  const { status: _, ...fresh } = cluster
  const names = new Set(seriesOf({ ...others, cluster: fresh, owned: [], hypervisors: [], answers: [] }).map((line) => line.split(/[ {]/, 1)[0]))
  assert.deepEqual([...names], ['teruwa_cluster_info', 'teruwa_cluster_paused', 'teruwa_service_up', 'teruwa_hypervisors', 'teruwa_clock_offset_limit_seconds'])
  const [hypervisor] = others.hypervisors
  assert.ok(hypervisor)
  const starting = seriesOf({ ...others, cluster, hypervisors: [{ ...hypervisor, status: { state: 'Starting' } }] })
  assert.deepEqual(
    starting.filter((line) => line.startsWith('teruwa_hypervisor_')),
    ['teruwa_hypervisor_state{node="a",state="Starting"} 1'],
  )
})

test('a thousand hypervisors: at most ten series each, and what a scrape reads in an instant', () => {
  const nodes = Array.from({ length: 1000 }, (_, index) => `compute-${index}.rack-${index % 20}.example.com`)
  const few = seriesOf(wholeCloud(nodes.slice(0, 1))).length
  const many = seriesOf(wholeCloud(nodes))
  assert.equal((many.length - few) / 999, 9)
  const bytes = many.reduce((sum, line) => sum + line.length + '{namespace="openstack",cloud="teruwa"}'.length, 0)
  assert.ok(bytes < 1_500_000, `${bytes} bytes`)
})

test('two clouds have their own series; one that is gone has none', () => {
  const one = wholeCloud(['a'])
  const two = { ...one, cluster: { ...one.cluster, metadata: { ...one.cluster.metadata, namespace: 'other' } } }
  const registry = new Registry()
  let clouds = [one, two]
  registerCloudMetrics(registry, () => clouds)
  assert.match(registry.text(), /^teruwa_servers\{namespace="openstack",cloud="teruwa"\} 2\nteruwa_servers\{namespace="other",cloud="teruwa"\} 2$/m)
  clouds = [two]
  assert.doesNotMatch(registry.text(), /namespace="openstack"/)
  clouds = []
  assert.ok(
    registry
      .text()
      .split('\n')
      .every((line) => line === '' || line.startsWith('#')),
  )
})

test('what was answered long ago, or before a pause, is not told any more', () => {
  const answers = [
    { step: 'neutron/agents', at: 500 },
    { step: 'bootstrap/quotas', at: 1_000_000 },
  ]
  const seen = (spec: Record<string, unknown>) => {
    const watches = {
      clusters: () => [clusterOf(spec)],
      ownedBy: () => [],
      hypervisorsOf: () => [{ apiVersion: '', kind: '', metadata: { name: 'a' }, status: up }],
    }
    return seenClouds(watches, (key) => (key === 'openstack/teruwa' ? answers : []), 1_000_600)[0]
  }
  assert.deepEqual(
    seen({})?.answers.map(({ step }) => step),
    ['bootstrap/quotas'],
  )
  assert.deepEqual(seen({ paused: true })?.answers, [])
  assert.equal(seen({ paused: true })?.hypervisors.length, 1)
})
