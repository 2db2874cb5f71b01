import { certificateMetrics } from './certificates.ts'
import { clusterMetrics } from './cluster.ts'
import { hypervisorMetrics } from './hypervisors.ts'
import type { CloudMetric } from './metric.ts'
import { outsideMetrics } from './outside.ts'
import { serviceMetrics } from './services.ts'

/** Every metric of clouds. */
export const cloudMetrics: readonly CloudMetric[] = [...clusterMetrics, ...serviceMetrics, ...hypervisorMetrics, ...outsideMetrics, ...certificateMetrics]
