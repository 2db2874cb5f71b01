import type { Registry } from '../../runtime/metrics.ts'
import { cloudMetrics } from './index.ts'
import type { SeenCloud } from './metric.ts'

/** Puts the metrics of all clouds into a registry. They are read when somebody asks: those of a cloud that is gone are not there any more. */
export function registerCloudMetrics(registry: Registry, clouds: () => readonly SeenCloud[]): void {
  for (const { name, help, samples } of cloudMetrics) {
    registry.gaugeOf(name, help, () =>
      clouds().flatMap((cloud) => {
        const { namespace, name: ofCloud } = cloud.cluster.metadata
        return samples(cloud).map(([labels, value]) => [{ namespace, cloud: ofCloud, ...labels }, value] as const)
      }),
    )
  }
}
