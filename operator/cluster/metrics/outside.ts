import type { Answer, Measured, Worker } from '../../model/outside.ts'
import type { QueueLoad } from '../../backing/admin/rabbitmq-load.ts'
import type { QuotaUse } from '../../openstack/quotas.ts'
import type { CloudMetric, Sample, SeenCloud } from './metric.ts'

/** Services by the types that quotas are of. */
const serviceOfType: Readonly<Record<string, string>> = { compute: 'nova', network: 'neutron', volume: 'cinder' }

/** The service that a step belongs to. */
function serviceOf({ step }: Answer): string {
  return step.split('/', 1)[0] ?? ''
}

function workersOf({ answers }: SeenCloud): Worker[] {
  return answers.flatMap(({ data, measured }) => [
    ...(measured?.workers ?? []),
    ...(data?.agents ?? []).map(({ binary, host, alive }) => ({ binary, host, up: alive })),
  ])
}

function quotaMetric(name: string, help: string, value: (use: QuotaUse) => number): CloudMetric {
  return {
    name,
    help,
    labels: ['domain', 'project', 'service', 'resource'],
    samples: ({ answers }) =>
      answers.flatMap(({ measured }) =>
        (measured?.quotas ?? []).map((use): Sample => {
          const { domain, project, type, resource } = use
          return [{ domain, project, service: serviceOfType[type] ?? type, resource }, value(use)]
        }),
      ),
  }
}

function queueMetric(name: string, help: string, value: (load: QueueLoad) => number): CloudMetric {
  return {
    name,
    help,
    labels: ['service'],
    samples: ({ answers }) =>
      answers.flatMap((answer): Sample[] => {
        const queues = answer.measured?.queues
        return queues === undefined ? [] : [[{ service: serviceOf(answer) }, value(queues)]]
      }),
  }
}

/** Every service asks the same server: the newest answer counts. */
function databaseMetric(name: string, help: string, value: (load: NonNullable<Measured['database']>) => number | undefined): CloudMetric {
  return {
    name,
    help,
    labels: [],
    samples: ({ answers }) => {
      const newest = answers.filter(({ measured }) => measured?.database !== undefined).toSorted((a, b) => b.at - a.at)[0]?.measured?.database
      const found = newest && value(newest)
      return found === undefined ? [] : [[{}, found]]
    },
  }
}

/** What the looks at OpenStack's APIs, the database, the broker and the clocks brought by the way. */
export const outsideMetrics: readonly CloudMetric[] = [
  {
    name: 'teruwa_agent_up',
    help: 'Whether Nova, Neutron or Cinder has heard of one of its agents within the last minute or so.',
    labels: ['service', 'agent', 'host'],
    samples: (cloud) => workersOf(cloud).map(({ binary, host, up }) => [{ service: binary.split('-', 1)[0] ?? '', agent: binary, host }, up ? 1 : 0]),
  },
  {
    name: 'teruwa_clock_offset_seconds',
    help: "By how much a node's clock is ahead of its time server, as chrony measures it.",
    labels: ['node'],
    samples: ({ answers }) =>
      answers.flatMap(({ data }) => (data?.time ?? []).flatMap(({ node, offset }): Sample[] => (offset === undefined ? [] : [[{ node }, offset]]))),
  },
  {
    name: 'teruwa_clock_offset_limit_seconds',
    help: 'By how much a clock may be off before a condition says so (timeSync.maxOffsetMilliseconds).',
    labels: [],
    samples: ({ cluster }) => {
      const { mode, maxOffsetMilliseconds } = cluster.spec.timeSync
      return mode === 'Off' ? [] : [[{}, maxOffsetMilliseconds / 1000]]
    },
  },
  quotaMetric('teruwa_quota_limit', 'A quota that the resource declares for a project; resource: as it is called there, with its unit.', ({ limit }) =>
    limit === -1 ? Infinity : limit,
  ),
  quotaMetric('teruwa_quota_used', 'What a project uses of such a quota, with what is reserved.', ({ used }) => used),
  queueMetric('teruwa_queues', 'Queues of a service in RabbitMQ.', ({ queues }) => queues),
  queueMetric('teruwa_queue_messages_ready', 'Messages that nobody has taken yet, in queues that do not expire.', ({ ready }) => ready),
  queueMetric(
    'teruwa_queue_messages_unacknowledged',
    'Messages that somebody has taken and not dealt with yet, in queues that do not expire.',
    ({ unacknowledged }) => unacknowledged,
  ),
  queueMetric('teruwa_queue_longest_messages', 'Messages that nobody has taken yet, in the fullest of these queues.', ({ longest }) => longest),
  databaseMetric('teruwa_database_connections', 'Open connections of MariaDB.', ({ connections }) => connections),
  databaseMetric('teruwa_database_connections_limit', 'Connections that MariaDB allows.', ({ maxConnections }) => maxConnections),
  databaseMetric('teruwa_database_galera_members', 'Members of the Galera cluster that an external MariaDB belongs to.', ({ galera }) => galera?.members),
  databaseMetric(
    'teruwa_database_galera_ready',
    'Whether an external MariaDB takes part in its Galera cluster.',
    ({ galera }) => galera && (galera.ready ? 1 : 0),
  ),
]
