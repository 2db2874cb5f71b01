import type { OpenStackCluster } from '../../api/v1alpha1/index.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Answer } from '../../model/outside.ts'
import type { Labels } from '../../runtime/metrics.ts'

/** What is known of one cloud at this moment, without asking anybody. */
export interface SeenCloud {
  readonly cluster: OpenStackCluster
  /** Every object of it, as the watches show it. */
  readonly owned: readonly KubeObject[]
  /** Its Hypervisors. */
  readonly hypervisors: readonly KubeObject[]
  /** What was answered outside of Kubernetes, as far as that still says something. */
  readonly answers: readonly Answer[]
}

/** A value of a metric, with its labels besides `namespace` and `cloud`. */
export type Sample = readonly [labels: Labels, value: number]

/** A metric of clouds: a gauge that has one series or more for each of them. */
export interface CloudMetric {
  /** As Prometheus has it, with the unit. */
  readonly name: string
  readonly help: string
  /** Names of its labels besides `namespace` and `cloud`. */
  readonly labels: readonly string[]
  /** What is not known has no sample. */
  readonly samples: (cloud: SeenCloud) => readonly Sample[]
}
