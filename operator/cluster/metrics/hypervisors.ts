import type { HypervisorState, HypervisorStatus } from '../../api/v1alpha1/index.ts'
import type { CloudMetric, Sample, SeenCloud } from './metric.ts'

const MIB = 1_048_576

const states: readonly HypervisorState[] = ['Starting', 'Up', 'Disabled', 'Down', 'NotReady', 'Silent']

function statuses({ hypervisors }: SeenCloud): [node: string, status: HypervisorStatus][] {
  return hypervisors.flatMap(({ metadata, status }): [string, HypervisorStatus][] =>
    status === undefined ? [] : [[metadata.name, status as HypervisorStatus]],
  )
}

/** A metric with at most one series for each hypervisor. */
function ofEach(name: string, help: string, value: (status: HypervisorStatus) => number | undefined): CloudMetric {
  return {
    name,
    help,
    labels: ['node'],
    samples: (cloud) =>
      statuses(cloud).flatMap(([node, status]): Sample[] => {
        const found = value(status)
        return found === undefined ? [] : [[{ node }, found]]
      }),
  }
}

/** What the Hypervisors say, which are kept after each look at Nova. */
export const hypervisorMetrics: readonly CloudMetric[] = [
  {
    name: 'teruwa_hypervisors',
    help: 'Hypervisors, by their state.',
    labels: ['state'],
    samples: (cloud) => {
      const counts = new Map<string, number>()
      for (const [, { state }] of statuses(cloud)) counts.set(state, (counts.get(state) ?? 0) + 1)
      return states.map((state) => [{ state }, counts.get(state) ?? 0])
    },
  },
  {
    // One series for each node and not one for each state: a thousand hypervisors would have six thousand.
    name: 'teruwa_hypervisor_state',
    help: 'The state that a hypervisor is in; always 1.',
    labels: ['node', 'state'],
    samples: (cloud) => statuses(cloud).map(([node, { state }]) => [{ node, state }, 1]),
  },
  ofEach('teruwa_hypervisor_servers', 'Servers on a hypervisor, whatever their state.', ({ servers }) => servers),
  ofEach('teruwa_hypervisor_vcpus', 'Processors that a hypervisor has.', ({ vcpus }) => vcpus?.total),
  ofEach('teruwa_hypervisor_vcpus_used', 'Virtual processors that servers on a hypervisor have been given.', ({ vcpus }) => vcpus?.used),
  ofEach('teruwa_hypervisor_memory_bytes', 'Memory that a hypervisor has.', ({ memory }) => memory && memory.total * MIB),
  ofEach(
    'teruwa_hypervisor_memory_used_bytes',
    'Memory that servers on a hypervisor have been given, with what is set aside for the node.',
    ({ memory }) => memory && memory.used * MIB,
  ),
  {
    name: 'teruwa_servers',
    help: 'Servers of the cloud on all hypervisors, those that have lost their label as well.',
    labels: [],
    samples: ({ cluster: { status } }) => {
      const servers = status?.hypervisors?.servers
      return servers === undefined ? [] : [[{}, servers]]
    },
  },
]
