import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import type { ServiceDefinition } from './definition.ts'
import { cinder } from './cinder/index.ts'
import { glance } from './glance/index.ts'
import { horizon } from './horizon/index.ts'
import { keystone } from './keystone/index.ts'
import { neutron } from './neutron/index.ts'
import { nova } from './nova/index.ts'
import { placement } from './placement/index.ts'

/** Every OpenStack service that the operator knows. A new one is a folder and a line here. */
const services: readonly ServiceDefinition[] = [keystone, glance, placement, nova, neutron, cinder, horizon]

/** The services that a cluster has. */
export function servicesOf(spec: OpenStackClusterSpec): ServiceDefinition[] {
  return services.filter((service) => isWanted(service, spec))
}

/** The services that a cluster does without. */
export function unwantedServices(spec: OpenStackClusterSpec): ServiceDefinition[] {
  return services.filter((service) => !isWanted(service, spec))
}

function isWanted({ enabled }: ServiceDefinition, spec: OpenStackClusterSpec): boolean {
  return enabled?.(spec) ?? true
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
    workloads(spec)
      .filter(({ exposed }) => exposed)
      .map(({ part }) => `${name}-${part}`)
      .map((app, index) => ({ name: index === 0 ? name : app, app })),
  )
}
