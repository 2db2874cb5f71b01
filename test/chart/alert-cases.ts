// When each alert fires, and when it does not.

/** Labels of a series. */
type Labels = Readonly<Record<string, string>>

/** What Prometheus has seen, and which alerts fire after a while. */
export interface AlertCase {
  readonly what: string
  /** Series as promtool writes them, with their values of one minute after the other. */
  readonly series: Readonly<Record<string, string>>
  /** When they are looked at. */
  readonly at: string
  /** Alerts that fire then, with their labels besides the severity; all others do not. */
  readonly firing: readonly (readonly [alert: string, labels: Labels])[]
}

const cloud = { namespace: 'n', cloud: 'c' }
const ofCloud = 'namespace="n",cloud="c"'
const leader = { 'leader_election_master_status{name="teruwa",pod="a"}': '1x90' }

const condition = (type: string, status: string) => `teruwa_cluster_condition{${ofCloud},condition="${type}",status="${status}"}`
const paused = (value: 0 | 1) => ({ [`teruwa_cluster_paused{${ofCloud}}`]: `${value}x90` })
const state = (node: string, is: string) => `teruwa_hypervisor_state{${ofCloud},node="${node}",state="${is}"}`
const agent = (name: string, host: string) => `teruwa_agent_up{${ofCloud},service="neutron",agent="${name}",host="${host}"}`
const quota = (what: 'used' | 'limit', resource: string) =>
  `teruwa_quota_${what}{${ofCloud},domain="Default",project="p",service="nova",resource="${resource}"}`
const errors = 'controller_runtime_reconcile_errors_total{controller="openstackcluster",pod="a"}'
const offset = (node: string) => `teruwa_clock_offset_seconds{${ofCloud},node="${node}"}`
const limit = { [`teruwa_clock_offset_limit_seconds{${ofCloud}}`]: '0.5x90' }
const connections = `teruwa_database_connections{${ofCloud}}`
const connectionsLimit = { [`teruwa_database_connections_limit{${ofCloud}}`]: '1000x90' }
const galera = `teruwa_database_galera_ready{${ofCloud}}`
const longest = `teruwa_queue_longest_messages{${ofCloud},service="nova"}`
const certificate = `teruwa_certificate_expiration_timestamp_seconds{${ofCloud},secret="s",key="k"}`
const service = `teruwa_service_up{${ofCloud},service="keystone"}`

/** One that is as it should be for a while, and then is not. */
function turns(
  what: string,
  series: string,
  [good, bad]: readonly [string, string],
  alert: string,
  labels: Labels,
  extra: Readonly<Record<string, string>> = {},
) {
  return (minutes: number): AlertCase[] => {
    const seen = { ...leader, ...extra, [series]: `${good}x9 ${bad}x90` }
    return [
      { what: `${what}: not before ${minutes} minutes`, series: seen, at: `${10 + minutes - 1}m`, firing: [] },
      { what: `${what}: after ${minutes} minutes`, series: seen, at: `${10 + minutes}m`, firing: [[alert, labels]] },
    ]
  }
}

export const alertCases: readonly AlertCase[] = [
  {
    what: 'a cloud that is well, and everything just below its limit',
    series: {
      ...leader,
      ...limit,
      ...connectionsLimit,
      ...paused(0),
      [errors]: '3x90',
      [condition('Ready', 'true')]: '1x90',
      [condition('Degraded', 'true')]: '0x90',
      [condition('DatabaseReady', 'true')]: '1x90',
      [condition('MessagingReady', 'true')]: '1x90',
      [service]: '1x90',
      [state('h1', 'Up')]: '1x90',
      [state('h2', 'Disabled')]: '1x90',
      [agent('neutron-l3-agent', 'h1')]: '1x90',
      [offset('h1')]: '-0.49x90',
      [quota('used', 'cores')]: '17x90',
      [quota('limit', 'cores')]: '20x90',
      [quota('used', 'ramMiB')]: '1700x90',
      [quota('limit', 'ramMiB')]: '+Inf '.repeat(91),
      [longest]: '100x90',
      [connections]: '800x90',
      [galera]: '1x90',
      [certificate]: `${15 * 86_400}x90`,
    },
    at: '80m',
    firing: [],
  },
  { what: 'nobody is scraped', series: {}, at: '2m', firing: [['TeruwaNoLeader', {}]] },
  {
    what: 'two stand by and none leads',
    series: { 'leader_election_master_status{name="teruwa",pod="a"}': '0x90', 'leader_election_master_status{name="teruwa",pod="b"}': '0x90' },
    at: '2m',
    firing: [['TeruwaNoLeader', {}]],
  },
  {
    what: 'the other one leads',
    series: { ...leader, 'leader_election_master_status{name="teruwa",pod="b"}': '0x90' },
    at: '10m',
    firing: [],
  },
  {
    what: 'visits that fail again and again',
    series: { ...leader, [errors]: '0+1x90' },
    at: '30m',
    firing: [['TeruwaReconcileErrors', { controller: 'openstackcluster', pod: 'a' }]],
  },
  ...turns(
    'a cloud that is not ready',
    condition('Ready', 'true'),
    ['1', '0'],
    'TeruwaCloudNotReady',
    { ...cloud, condition: 'Ready', status: 'true' },
    paused(0),
  )(15),
  { what: 'a cloud that is paused', series: { ...leader, ...paused(1), [condition('Ready', 'true')]: '0x90', [service]: '0x90' }, at: '60m', firing: [] },
  ...turns('a step that has failed', condition('Degraded', 'true'), ['0', '1'], 'TeruwaCloudDegraded', { ...cloud, condition: 'Degraded', status: 'true' })(5),
  ...turns('a right that is missing', condition('InstallationFaulty', 'true'), ['0', '1'], 'TeruwaInstallationFaulty', {
    ...cloud,
    condition: 'InstallationFaulty',
    status: 'true',
  })(5),
  ...turns('a service without a pod', service, ['1', '0'], 'TeruwaServiceDown', { ...cloud, service: 'keystone' })(5),
  {
    what: 'a certificate that ends in less than two weeks',
    series: { ...leader, [certificate]: `${14 * 86_400}x90` },
    at: '61m',
    firing: [['TeruwaCertificateExpires', { ...cloud, secret: 's', key: 'k' }]],
  },
  ...turns(
    'a quota that is nearly used',
    quota('used', 'cores'),
    ['10', '18'],
    'TeruwaQuotaNearlyUsed',
    { ...cloud, domain: 'Default', project: 'p', service: 'nova', resource: 'cores' },
    { [quota('limit', 'cores')]: '20x190' },
  )(15),
  ...['Silent', 'NotReady', 'Down'].flatMap((is) => {
    const seen = { ...leader, [state('h1', 'Up')]: '1x9 stale', [state('h1', is)]: '_x10 1x90', [agent('neutron-l3-agent', 'h1')]: '1x9 0x90' }
    return [
      { what: `a hypervisor that is ${is}: not at once`, series: seen, at: '11m', firing: [] },
      {
        what: `a hypervisor that is ${is}: after 2 minutes, and nothing more of its agents`,
        series: seen,
        at: '40m',
        firing: [['TeruwaHypervisorSilent', { ...cloud, node: 'h1', state: is }]],
      },
    ] as const
  }),
  ...turns(
    'an agent of a node that is well',
    agent('neutron-l3-agent', 'h1'),
    ['1', '0'],
    'TeruwaAgentDown',
    { ...cloud, service: 'neutron', agent: 'neutron-l3-agent', host: 'h1' },
    { [state('h1', 'Up')]: '1x190', [state('h2', 'Silent')]: '_x190' },
  )(5),
  ...turns('a clock that is ahead', offset('h1'), ['0.1', '0.6'], 'TeruwaClockOffset', { ...cloud, node: 'h1' }, limit)(2),
  ...turns('a clock that is behind', offset('h1'), ['0.1', '-0.6'], 'TeruwaClockOffset', { ...cloud, node: 'h1' }, limit)(2),
  ...turns('no database', condition('DatabaseReady', 'true'), ['1', '0'], 'TeruwaDatabaseDown', { ...cloud, condition: 'DatabaseReady', status: 'true' })(3),
  ...turns('connections that run out', connections, ['100', '801'], 'TeruwaDatabaseConnections', cloud, connectionsLimit)(10),
  ...turns('a node of Galera that dropped out', galera, ['1', '0'], 'TeruwaDatabaseGaleraNotReady', cloud)(5),
  ...turns('no broker', condition('MessagingReady', 'true'), ['1', '0'], 'TeruwaMessagingDown', { ...cloud, condition: 'MessagingReady', status: 'true' })(3),
  ...turns('messages that nobody takes', longest, ['0', '101'], 'TeruwaQueueBacklog', { ...cloud, service: 'nova' })(15),
]
