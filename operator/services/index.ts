import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import type { ServiceDefinition } from './definition.ts'
import { glance } from './glance/index.ts'
import { horizon } from './horizon/index.ts'
import { keystone } from './keystone/index.ts'
import { neutron } from './neutron/index.ts'
import { nova } from './nova/index.ts'
import { placement } from './placement/index.ts'

/** Every OpenStack service that the operator knows. A new one is a folder and a line here. */
const services: readonly ServiceDefinition[] = [keystone, glance, placement, nova, neutron, horizon]

/** The services that a cluster has, each with the workloads that it has. */
export function servicesOf(spec: OpenStackClusterSpec): ServiceDefinition[] {
  const isWanted = ({ enabled }: Pick<ServiceDefinition, 'enabled'>) => enabled?.(spec) ?? true
  return services.filter(isWanted).map((service) => ({ ...service, workloads: service.workloads.filter(isWanted) }))
}

/** A way into a service for clients outside of the cluster. */
export interface PublicEndpoint {
  /** As in `status.endpoints`: the service's name, or for a further one that of its app. */
  readonly name: string
  /** The Service. */
  readonly app: string
}

/** The public endpoints of a cluster. */
export function publicEndpoints(spec: OpenStackClusterSpec): PublicEndpoint[] {
  return servicesOf(spec).flatMap(({ name, workloads }) =>
    workloads
      .filter(({ exposed }) => exposed)
      .map(({ part }) => `${name}-${part}`)
      .map((app, index) => ({ name: index === 0 ? name : app, app })),
  )
}
