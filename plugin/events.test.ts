import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../operator/kube/types.ts'
import { eventLine, eventLines, eventsOf, membersOf } from './events.ts'
import { painter } from './output.ts'

const NOW = Date.parse('2026-01-01T01:00:00Z')
const paint = painter({ colour: false })

const object = (kind: string, name: string, app?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(app === undefined ? {} : { labels: { 'app.kubernetes.io/name': app } }) },
})
const event = (kind: string, name: string, fields: Record<string, unknown> = {}): KubeObject => ({
  ...object('Event', `${name}.1`),
  regarding: { kind, name },
  type: 'Normal',
  reason: 'Made',
  note: 'made',
  eventTime: '2026-01-01T00:30:00.000000Z',
  ...fields,
})
const members = membersOf(
  'teruwa',
  [object('Hypervisor', 'node-1')],
  [object('Deployment', 'keystone-api', 'keystone-api'), object('Pod', 'mariadb-0', 'mariadb')],
)

test('events are those of the cloud, its hypervisors, and what is named after its apps', () => {
  const all = [
    event('OpenStackCluster', 'teruwa'),
    event('OpenStackCluster', 'other'),
    event('Hypervisor', 'node-1'),
    event('Hypervisor', 'node-2'),
    event('Pod', 'keystone-api-6d4f-x2x'),
    event('Pod', 'keystone-apiary-0'),
    event('PersistentVolumeClaim', 'data-mariadb-0'),
    event('StatefulSet', 'mariadb'),
  ]
  assert.deepEqual(
    eventsOf(all, members).map(({ object: about }) => about),
    ['OpenStackCluster/teruwa', 'Hypervisor/node-1', 'Pod/keystone-api-6d4f-x2x', 'PersistentVolumeClaim/data-mariadb-0', 'StatefulSet/mariadb'],
  )
})

test('events that say the same are one, with their count and times, whoever wrote them', () => {
  const told = eventsOf(
    [
      event('Pod', 'mariadb-0', {
        eventTime: null,
        deprecatedFirstTimestamp: '2026-01-01T00:10:00Z',
        deprecatedLastTimestamp: '2026-01-01T00:50:00Z',
        deprecatedCount: 3,
      }),
      event('Pod', 'mariadb-0', { series: { count: 2, lastObservedTime: '2026-01-01T00:40:00.000000Z' } }),
      event('Pod', 'mariadb-0', { note: 'something\nelse', type: 'Warning' }),
    ],
    members,
  )
  assert.deepEqual(told, [
    {
      first: '2026-01-01T00:30:00.000Z',
      last: '2026-01-01T00:30:00.000Z',
      count: 1,
      type: 'Warning',
      reason: 'Made',
      object: 'Pod/mariadb-0',
      message: 'something else',
    },
    { first: '2026-01-01T00:10:00.000Z', last: '2026-01-01T00:50:00.000Z', count: 5, type: 'Normal', reason: 'Made', object: 'Pod/mariadb-0', message: 'made' },
  ])
  assert.deepEqual(eventLines(told, paint, NOW), ['30m      Warning  Made  Pod/mariadb-0  something else', '10m  5×  Normal   Made  Pod/mariadb-0  made'])
  assert.deepEqual(
    told.map((each) => eventLine(each, paint)),
    ['00:30:00 Warning Made Pod/mariadb-0: something else', '00:50:00 Normal Made Pod/mariadb-0: made (5×)'],
  )
})
