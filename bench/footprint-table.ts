import { nodeApps } from '../operator/compute/cleanup.ts'

/** A kubelet's answer to /stats/summary, as far as it is read here. */
export interface StatsSummary {
  readonly pods: readonly {
    readonly podRef: { readonly name: string; readonly namespace: string }
    readonly containers?: readonly ContainerStats[]
  }[]
}

/** A container's part of it. */
export interface ContainerStats {
  readonly name: string
  readonly memory?: { readonly rssBytes?: number; readonly workingSetBytes?: number }
  /** `time` is when the kubelet looked, RFC 3339. */
  readonly cpu?: { readonly time: string; readonly usageCoreNanoSeconds?: number }
}

/** Resident memory of the containers of one name. */
export interface Row {
  readonly part: Part
  readonly name: string
  readonly containers: number
  readonly bytes: number
}

type Part = 'control plane' | 'on each node' | 'operator'

/** The containers of clouds and of the operator, biggest first within each part. Pods that have ended use nothing. Pure. */
export function footprintRows(summaries: readonly StatsSummary[], namespaces = { cloud: 'openstack', operator: 'teruwa-system' }): Row[] {
  const rows = new Map<string, Row>()
  for (const { podRef, containers = [] } of summaries.flatMap(({ pods }) => pods)) {
    if (podRef.namespace !== namespaces.cloud && podRef.namespace !== namespaces.operator) continue
    for (const { name, memory } of containers) {
      const bytes = memory?.rssBytes ?? 0
      if (bytes === 0) continue
      const part: Part = podRef.namespace === namespaces.operator ? 'operator' : nodeApps.includes(name) ? 'on each node' : 'control plane'
      const before = rows.get(name)
      rows.set(name, { part, name, containers: (before?.containers ?? 0) + 1, bytes: (before?.bytes ?? 0) + bytes })
    }
  }
  const order: readonly Part[] = ['control plane', 'on each node', 'operator']
  return [...rows.values()].toSorted((a, b) => order.indexOf(a.part) - order.indexOf(b.part) || b.bytes - a.bytes)
}

/** The rows with a sum for each part, in MiB. */
export function footprintTable(rows: readonly Row[]): string {
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0).padStart(6)
  const parts = Map.groupBy(rows, ({ part }) => part)
  return [...parts]
    .flatMap(([part, each]) => [
      ...each.map(({ name, containers, bytes }) => `${mib(bytes)} MiB  ${name}${containers > 1 ? ` (${containers})` : ''}`),
      `${mib(each.reduce((sum, { bytes }) => sum + bytes, 0))} MiB  ${part} together`,
      '',
    ])
    .join('\n')
    .trimEnd()
}
