import { conditionStatuses } from '../../api/v1alpha1/conditions.ts'
import type { StepState } from '../../api/v1alpha1/index.ts'
import type { CloudMetric } from './metric.ts'

const stepStates: readonly StepState[] = ['Ready', 'Waiting', 'Progressing', 'Failed']

/** What the status of the OpenStackCluster says. */
export const clusterMetrics: readonly CloudMetric[] = [
  {
    name: 'teruwa_cluster_info',
    help: 'What the cloud is; always 1. operator: image of the operator that wrote its status.',
    labels: ['release', 'region', 'operator'],
    samples: ({ cluster: { spec, status } }) => [[{ release: spec.release, region: spec.region, operator: status?.operator ?? '' }, 1]],
  },
  {
    name: 'teruwa_cluster_condition',
    help: 'Whether a condition of the OpenStackCluster has this status.',
    labels: ['condition', 'status'],
    samples: ({ cluster }) =>
      (cluster.status?.conditions ?? []).flatMap(({ type: condition, status: now }) =>
        conditionStatuses.map((status) => [{ condition, status: status.toLowerCase() }, status === now ? 1 : 0] as const),
      ),
  },
  {
    name: 'teruwa_cluster_paused',
    help: 'Whether the operator leaves the cloud alone (spec.paused).',
    labels: [],
    samples: ({ cluster }) => [[{}, cluster.spec.paused ? 1 : 0]],
  },
  {
    name: 'teruwa_cluster_steps',
    help: 'Steps of the bring-up, by their state.',
    labels: ['state'],
    samples: ({ cluster: { status } }) => {
      const steps = status?.steps
      return steps === undefined ? [] : stepStates.map((state) => [{ state }, steps.filter((step) => step.state === state).length] as const)
    },
  },
]
