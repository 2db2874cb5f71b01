// What is told of a cloud's events. Pure.

import { hypervisorKind, kind, labels } from '../operator/api/v1alpha1/index.ts'
import type { KubeObject } from '../operator/kube/types.ts'
import { duration, table } from './output.ts'
import type { Paint } from './output.ts'

/** An event, or several that say the same. */
export interface CloudEvent {
  /** When it was seen first and last: ISO 8601. */
  readonly first: string
  readonly last: string
  readonly count: number
  readonly type: string
  readonly reason: string
  /** `Kind/name` */
  readonly object: string
  readonly message: string
}

/** An Event as the API server gives it: those of older programs have their times and counts in other fields. */
interface RawEvent {
  readonly metadata: { readonly creationTimestamp?: string }
  readonly regarding?: { readonly kind?: string; readonly name?: string }
  readonly type?: string
  readonly reason?: string
  readonly note?: string
  readonly eventTime?: string | null
  readonly series?: { readonly count: number; readonly lastObservedTime: string } | null
  readonly deprecatedFirstTimestamp?: string | null
  readonly deprecatedLastTimestamp?: string | null
  readonly deprecatedCount?: number
}

/** Who an event must be about to be a cloud's: the cloud itself, a hypervisor of it, or an object that carries its label or is named after one that does. */
export interface Members {
  readonly cloud: string
  readonly hypervisors: ReadonlySet<string>
  /** Names of its apps and objects: pods, Jobs and volumes that are gone were named after them. */
  readonly apps: ReadonlySet<string>
}

/** The members of a cloud, from its hypervisors and its labelled objects. */
export function membersOf(cloud: string, hypervisors: readonly KubeObject[], objects: readonly KubeObject[]): Members {
  const apps = objects.flatMap(({ metadata }) => [metadata.labels?.[labels.name] ?? metadata.name, metadata.name])
  return { cloud, hypervisors: new Set(hypervisors.map(({ metadata }) => metadata.name)), apps: new Set(apps) }
}

/** The events of a cloud, of which those that say the same of an object are one; the last one last. */
export function eventsOf(events: readonly KubeObject[], members: Members): CloudEvent[] {
  const all = events.map((event) => event as unknown as RawEvent).filter((event) => concerns(event, members))
  const groups = Map.groupBy(all.map(eventOf), ({ type, reason, object, message }) => JSON.stringify([type, reason, object, message]))
  return [...groups.values()]
    .flatMap((group) => {
      const [one] = group
      if (one === undefined) return []
      const times = group.flatMap(({ first, last }) => [first, last]).toSorted()
      return [{ ...one, first: times[0] ?? '', last: times.at(-1) ?? '', count: group.reduce((sum, { count }) => sum + count, 0) }]
    })
    .toSorted((a, b) => (a.last < b.last ? -1 : a.last > b.last ? 1 : 0))
}

function concerns({ regarding = {} }: RawEvent, { cloud, hypervisors, apps }: Members): boolean {
  const { kind: of, name = '' } = regarding
  if (of === kind) return name === cloud
  if (of === hypervisorKind) return hypervisors.has(name)
  // keystone-api-6d4f-x2x is of keystone-api: one of the names that it could have been made from.
  return (
    name
      // The volume of mariadb-0 is data-mariadb-0.
      .replace(/^data-/, '')
      .split('-')
      .some((_part, index, parts) => apps.has(parts.slice(0, index + 1).join('-')))
  )
}

function eventOf(event: RawEvent): CloudEvent {
  const { metadata, regarding, series, eventTime, deprecatedFirstTimestamp, deprecatedLastTimestamp, deprecatedCount } = event
  const first = eventTime ?? deprecatedFirstTimestamp ?? metadata.creationTimestamp ?? ''
  const last = series?.lastObservedTime ?? deprecatedLastTimestamp ?? first
  return {
    first: sortable(first),
    last: sortable(last),
    count: series?.count ?? (deprecatedCount || 1),
    type: event.type ?? 'Normal',
    reason: event.reason ?? '',
    object: `${regarding?.kind}/${regarding?.name}`,
    message: (event.note ?? '').replaceAll(/\s+/g, ' ').trim(),
  }
}

/** Times of whole seconds and of microseconds, in one form. */
const sortable = (time: string): string => (time === '' ? time : new Date(time).toISOString())

/** A line for each event. */
export function eventLines(events: readonly CloudEvent[], paint: Paint, now: number): string[] {
  const rows = events.map(({ last, count, type, reason, object }) => [
    duration(now - Date.parse(last)),
    count === 1 ? '' : `${count}×`,
    paint(type === 'Normal' ? 'dim' : 'yellow', type),
    reason,
    object,
  ])
  return table(rows).map((line, index) => `${line}  ${events[index]?.message ?? ''}`)
}

/** An event by itself, as it comes. */
export function eventLine({ last, count, type, reason, object, message }: CloudEvent, paint: Paint): string {
  const times = count === 1 ? '' : ` (${count}×)`
  return `${last.slice(11, 19)} ${paint(type === 'Normal' ? 'dim' : 'yellow', type)} ${reason} ${object}: ${message}${times}`
}
