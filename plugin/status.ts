// What the status of a cloud looks like. Pure.

import type { Condition, OpenStackCluster } from '../operator/api/v1alpha1/index.ts'
import { titleOf } from './cluster.ts'
import type { FoundHypervisor } from './cluster.ts'
import { signs, colours, stepLine } from './graph/step-line.ts'
import type { GraphStep } from './graph/steps.ts'
import { forest, treeLines } from './graph/tree.ts'
import { duration, table } from './output.ts'
import type { Paint } from './output.ts'

/** All that is shown of a cloud. */
export interface CloudView {
  readonly cloud: OpenStackCluster
  readonly steps: readonly GraphStep[]
  readonly hypervisors: readonly FoundHypervisor[]
}

/** How it is shown. */
export interface Style {
  readonly paint: Paint
  /** ms since the epoch */
  readonly now: number
  /** Whether steps that are ready are shown one by one. */
  readonly all: boolean
}

/** Conditions that are True where something is wrong or under way; all others are True where all is well. */
const ABNORMAL: ReadonlySet<string> = new Set(['Progressing', 'Degraded', 'Reconciling', 'Stalled'])

/** Reasons of conditions that mend themselves. */
const UNDER_WAY: ReadonlySet<string> = new Set(['Progressing', 'Waiting'])

/** The conditions that are not as they are in a cloud that is well. */
export function badConditions({ status }: Pick<OpenStackCluster, 'status'>): Condition[] {
  return (status?.conditions ?? []).filter(({ type, status: value }) => value !== (ABNORMAL.has(type) ? 'False' : 'True'))
}

/** The lines that a person reads. */
export function statusLines({ cloud, steps, hypervisors }: CloudView, style: Style): string[] {
  const parts = [
    headLines(cloud, style),
    stepLines(cloud, steps, style),
    section('Conditions that say what is wrong', conditionLines(cloud, style), style),
    section(`Hypervisors${hypervisorSummary(cloud)}`, hypervisorLines(hypervisors, style), style),
    section('Endpoints', endpointLines(cloud), style),
  ]
  return parts.filter((part) => part.length > 0).flatMap((part, index) => (index === 0 ? part : ['', ...part]))
}

function section(title: string, lines: readonly string[], { paint }: Style): string[] {
  return lines.length === 0 ? [] : [paint('bold', title), ...lines.map((line) => `  ${line}`)]
}

function headLines(cloud: OpenStackCluster, { paint, now }: Style): string[] {
  const { metadata, spec, status } = cloud
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  const facts = [`OpenStack ${status?.release ?? spec.release}`, `made ${duration(now - Date.parse(metadata.creationTimestamp))} ago`]
  const title = `${paint('bold', `Cloud ${titleOf(cloud)}`)}  ${facts.join(', ')}${metadata.deletionTimestamp === undefined ? '' : paint('yellow', ', being deleted')}`
  if (ready === undefined) return [title, paint('yellow', 'the operator has not looked at it yet')]
  const { reason, message, lastTransitionTime } = ready
  const since = `since ${duration(now - Date.parse(lastTransitionTime))}`
  const verdict =
    ready.status === 'True' ? paint('green', '✔ Ready') : paint(badConditions(cloud).some(isDegraded) ? 'red' : 'yellow', `✘ Not ready (${reason})`)
  // While steps are under way, the message names each of them, and so does the tree.
  const [short = message] = ready.status === 'True' || reason === 'Progressing' ? message.split('; ') : [message]
  const stale = (status?.observedGeneration ?? 0) < metadata.generation ? [paint('yellow', 'the operator has not seen the last change of the spec yet')] : []
  return [title, `${verdict} ${since}: ${short}`, ...stale]
}

const isDegraded = ({ type }: Condition): boolean => type === 'Degraded'

function stepLines(cloud: OpenStackCluster, steps: readonly GraphStep[], style: Style): string[] {
  const { paint, now, all } = style
  const open = all ? steps : steps.filter(({ state }) => state !== 'Ready')
  const done = all ? [] : partLines(cloud, steps, paint)
  const tree = treeLines(forest(open), (branch) => stepLine(branch, paint, now))
  return section('Steps', [...tree, ...done], style)
}

/** A line for each part of the cloud whose steps are all ready, and the time that it took. */
function partLines({ spec }: OpenStackCluster, steps: readonly GraphStep[], paint: Paint): string[] {
  // What is switched off has steps, too: its entry leaves the catalogue.
  const off = new Set(Object.entries(spec.services).flatMap(([name, service]) => ('enabled' in service && !service.enabled ? [name] : [])))
  const rows = [...Map.groupBy(steps, ({ id }) => id.split('/')[0] ?? id)].flatMap(([part, own]) => {
    if (off.has(part) || own.some(({ state }) => state !== 'Ready')) return []
    const count = own.length === 1 ? '' : `${own.length} steps`
    return [[paint(colours.Ready, `${signs.Ready} ${part}`), count, timeOf(own)]]
  })
  return table(rows)
}

/** From when the first of the steps could begin until the last was ready. */
function timeOf(steps: readonly GraphStep[]): string {
  const begin = Math.min(...steps.map(({ startedAt }) => Date.parse(startedAt ?? '')))
  const end = Math.max(...steps.map(({ readyAt }) => Date.parse(readyAt ?? '')))
  return Number.isNaN(end - begin) ? '' : duration(end - begin)
}

function conditionLines(cloud: OpenStackCluster, { paint, now }: Style): string[] {
  // That the whole is not ready is said at the top, and what is under way in the tree.
  const shown = badConditions(cloud).filter(({ type, reason }) => type !== 'Ready' && !UNDER_WAY.has(reason))
  const rows = shown.map(({ type, status, reason, lastTransitionTime }) => [
    paint('red', `${type}=${status}`),
    reason,
    duration(now - Date.parse(lastTransitionTime)),
  ])
  return table(rows).map((line, index) => `${line}  ${shown[index]?.message.replaceAll(/\s+/g, ' ') ?? ''}`)
}

function hypervisorSummary({ status }: OpenStackCluster): string {
  const { labelled, up, servers } = status?.hypervisors ?? {}
  if (labelled === undefined) return ''
  return `: ${up} of ${labelled} up${servers === undefined ? '' : `, ${servers} ${servers === 1 ? 'guest' : 'guests'}`}`
}

function hypervisorLines(nodes: readonly FoundHypervisor[], { paint, now }: Style): string[] {
  if (nodes.length === 0) return []
  const rows = nodes.map(({ spec, status: { state, since, servers, vcpus, memory, agentsSummary, message } = { state: 'Starting' } }) => [
    spec.node,
    paint(state === 'Up' ? 'green' : state === 'Starting' || state === 'Disabled' ? 'yellow' : 'red', state),
    since === undefined ? '' : duration(now - Date.parse(since)),
    servers === undefined ? '' : String(servers),
    vcpus?.summary ?? '',
    memory?.summary ?? '',
    agentsSummary ?? '',
    message ?? '',
  ])
  return table([['node', 'state', 'since', 'guests', 'processors', 'memory', 'agents', ''].map((head) => paint('dim', head)), ...rows])
}

function endpointLines({ status }: OpenStackCluster): string[] {
  return table((status?.endpoints ?? []).map(({ service, public: url = 'inside of the cluster only' }) => [service, url]))
}

/** What has changed between two looks at a cloud, a line each. */
export function changes(before: CloudView, after: CloudView, now: number): string[] {
  const time = new Date(now).toISOString().slice(11, 19)
  const steps = after.steps.flatMap((step) => {
    const was = before.steps.find(({ id }) => id === step.id)
    return was?.state === step.state && was.message === step.message ? [] : [`${step.id} ${step.state}${step.message ? `: ${step.message}` : ''}`]
  })
  const conditions = (after.cloud.status?.conditions ?? []).flatMap(({ type, status, reason, message }) => {
    const was = before.cloud.status?.conditions?.find((each) => each.type === type)
    return was?.status === status && was.reason === reason ? [] : [`${type}=${status} (${reason}): ${message}`]
  })
  const nodes = after.hypervisors.flatMap(({ spec, status }) => {
    const was = before.hypervisors.find((each) => each.spec.node === spec.node)
    return was?.status?.state === status?.state ? [] : [`hypervisor ${spec.node} ${status?.state ?? 'Starting'}${status?.message ? `: ${status.message}` : ''}`]
  })
  return [...steps, ...nodes, ...conditions].map((line) => `${time} ${line.replaceAll(/\s+/g, ' ')}`)
}

/** The same for programs. */
export function statusJson({ cloud, steps, hypervisors }: CloudView): object {
  const { metadata, spec, status } = cloud
  return {
    namespace: metadata.namespace,
    name: metadata.name,
    generation: metadata.generation,
    observedGeneration: status?.observedGeneration,
    release: status?.release ?? spec.release,
    operator: status?.operator,
    ready: status?.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false,
    conditions: status?.conditions ?? [],
    badConditions: badConditions(cloud).map(({ type }) => type),
    steps,
    hypervisors: { ...status?.hypervisors, nodes: hypervisors.map(({ spec: { node }, status: known }) => ({ node, ...known })) },
    endpoints: status?.endpoints ?? [],
  }
}
