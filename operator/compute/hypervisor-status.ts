import type { HypervisorState, HypervisorStatus } from '../api/v1alpha1/index.ts'
import { someOf } from '../config/some-of.ts'
import type { KubeObject } from '../kube/types.ts'
import { isReady, readyCondition } from '../model/node.ts'
import type { Scope } from '../model/scope.ts'
import type { Amount, HypervisorFacts } from '../openstack/compute.ts'
import { networkAgentKinds } from './agents.ts'
import { nodesOf } from './nodes.ts'
import { silentSince } from './silent.ts'
import { TIME_STEP } from './time.ts'

/** Longest message. */
const MESSAGE = 1024

/** What is known of all hypervisors, looked up once for all of them. */
export interface HypervisorView {
  /** Names of the hypervisors' nodes, sorted. */
  readonly nodes: readonly string[]
  /** The status of one, given the one that it has; `now` is used only where its state changed. */
  statusOf(node: string, before: HypervisorStatus | undefined, now: Date): HypervisorStatus
}

/** What the watches, Nova, Neutron and chrony say of each hypervisor. What has not been asked since the operator started stays as it was. Pure. */
export function hypervisorView(scope: Scope): HypervisorView {
  const nodes = new Map(scope.nodes.map((node) => [node.metadata.name, node]))
  const compute = scope.outside('compute/services')?.data?.compute
  const facts = compute && new Map(compute.map((fact) => [fact.host, fact]))
  const agents = scope.outside('neutron/agents')?.data?.agents
  const alive = agents && new Set(agents.filter((agent) => agent.alive).map(({ binary, host }) => `${binary} ${host}`))
  const clocks = scope.outside(TIME_STEP)?.data?.time
  const clockByNode = clocks && new Map(clocks.map((clock) => [clock.node, clock]))
  const network = new Set(nodesOf(scope, 'network'))
  const binariesOf = (node: string) => [
    'neutron-linuxbridge-agent',
    ...(network.has(node) ? networkAgentKinds(scope).map((kind) => `neutron-${kind}-agent`) : []),
  ]

  const agentsOf = (node: string, fact: HypervisorFacts | undefined, before: HypervisorStatus | undefined) => {
    const known = (name: string, now: boolean | undefined) => now ?? before?.agents?.find((each) => each.name === name)?.alive ?? false
    return [
      { name: 'nova-compute', alive: known('nova-compute', facts && (fact?.up ?? false)) },
      ...binariesOf(node).map((name) => ({ name, alive: known(name, alive?.has(`${name} ${node}`)) })),
    ]
  }

  const clockOf = (node: string, before: HypervisorStatus | undefined): Pick<HypervisorStatus, 'clock'> => {
    const { mode, maxOffsetMilliseconds } = scope.spec.timeSync
    if (mode === 'Off') return {}
    if (clockByNode === undefined) return before?.clock === undefined ? {} : { clock: before.clock }
    const clock = clockByNode.get(node)
    if (clock === undefined) return {}
    if (clock.state !== 'Synchronized' || clock.offset === undefined) return { clock: { synchronized: false } }
    const now = clock.offset * 1000
    const shown = before?.clock?.offsetMilliseconds
    // Each measurement differs a little, and that is no news.
    const steady = shown !== undefined && Math.abs(now - shown) <= maxOffsetMilliseconds / 10
    return { clock: { synchronized: true, offsetMilliseconds: steady ? shown : Math.round(now) } }
  }

  return {
    nodes: nodesOf(scope, 'hypervisor'),
    statusOf: (name, before, now) => {
      const node = nodes.get(name)
      const fact = facts?.get(name)
      const state = stateOf(node, fact, facts !== undefined, before)
      const time = now.toISOString()
      const seen = agentsOf(name, fact, before)
      const dead = seen.filter((each) => !each.alive).map((each) => each.name)
      const message = messageOf(state, node, fact, dead)
      const joinedAt = before?.joinedAt ?? (state === 'Up' ? time : undefined)
      const changedAt = isSilent(state) && node !== undefined ? silentSince(node) : time
      return {
        state,
        since: before?.state === state && before.since !== undefined && !isSilent(state) ? before.since : changedAt,
        ...(joinedAt === undefined ? {} : { joinedAt }),
        ...(message === '' ? {} : { message: message.slice(0, MESSAGE) }),
        ...(facts === undefined ? novaPart(before) : novaFacts(fact)),
        agents: seen,
        agentsSummary: `${seen.length - dead.length}/${seen.length}`,
        ...clockOf(name, before),
      }
    },
  }
}

function isSilent(state: HypervisorState): boolean {
  return state === 'Silent' || state === 'NotReady'
}

function stateOf(node: KubeObject | undefined, fact: HypervisorFacts | undefined, asked: boolean, before: HypervisorStatus | undefined): HypervisorState {
  if (node !== undefined && !isReady(node)) return readyCondition(node)?.status === 'False' ? 'NotReady' : 'Silent'
  // A node that is back while Nova has not been asked: what Nova knew of it last.
  if (!asked && before !== undefined) return isSilent(before.state) ? (before.novaCompute === 'up' ? 'Up' : 'Down') : before.state
  if (fact === undefined) return 'Starting'
  if (!fact.up) return fact.mapped ? 'Down' : 'Starting'
  if (!fact.mapped) return 'Starting'
  return fact.enabled === false ? 'Disabled' : 'Up'
}

function messageOf(state: HypervisorState, node: KubeObject | undefined, fact: HypervisorFacts | undefined, dead: readonly string[]): string {
  const agents = dead.length === 0 ? '' : `${someOf(dead)} ${dead.length === 1 ? 'is' : 'are'} not alive`
  switch (state) {
    case 'Silent':
    case 'NotReady':
      return (node && readyCondition(node)?.message) ?? 'the node says nothing'
    case 'Starting':
      return fact === undefined ? 'nova-compute has not reported itself' : 'it is being mapped into the cell'
    case 'Down':
      return 'Nova has heard nothing of nova-compute for more than a minute: see its pod on the node'
    case 'Disabled':
      return [`no new guests${fact?.disabledReason === undefined ? '' : `: ${fact.disabledReason}`}`, agents].filter((each) => each !== '').join('; ')
    default:
      return agents
  }
}

type NovaPart = Pick<HypervisorStatus, 'novaCompute' | 'servers' | 'vcpus' | 'memory' | 'guests'>

function novaFacts(fact: HypervisorFacts | undefined): NovaPart {
  if (fact === undefined) return {}
  const { up, servers, vcpus, memory, guests } = fact
  return {
    novaCompute: up ? 'up' : 'down',
    servers,
    ...(vcpus === undefined ? {} : { vcpus: { ...vcpus, summary: `${vcpus.used}/${vcpus.total}` } }),
    ...(memory === undefined ? {} : { memory: { ...memory, summary: memorySummary(memory) } }),
    ...(guests === undefined ? {} : { guests: guests.map((guest) => ({ ...guest })) }),
  }
}

/** In GiB, with a digit behind the point where that says more. */
function memorySummary({ used, total }: Amount): string {
  const gib = (mib: number) => (mib < 10_240 ? (mib / 1024).toFixed(1) : String(Math.round(mib / 1024)))
  return `${gib(used)}/${gib(total)}Gi`
}

function novaPart(before: HypervisorStatus | undefined): NovaPart {
  const { novaCompute, servers, vcpus, memory, guests } = before ?? {}
  return {
    ...(novaCompute === undefined ? {} : { novaCompute }),
    ...(servers === undefined ? {} : { servers }),
    ...(vcpus === undefined ? {} : { vcpus }),
    ...(memory === undefined ? {} : { memory }),
    ...(guests === undefined ? {} : { guests }),
  }
}
