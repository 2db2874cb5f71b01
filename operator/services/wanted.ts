import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import { perSpec } from '../model/per-spec.ts'
import type { ServiceDefinition } from './definition.ts'
import * as registry from './index.ts'

/** Every service that there is. */
export const allServices: readonly ServiceDefinition[] = Object.values(registry)

/** The services that a cluster has. */
export const servicesOf: (spec: OpenStackClusterSpec) => readonly ServiceDefinition[] = perSpec((spec) =>
  allServices.filter((service) => isWanted(service, spec)),
)

/** The services that a cluster does without. */
export const unwantedServices: (spec: OpenStackClusterSpec) => readonly ServiceDefinition[] = perSpec((spec) =>
  allServices.filter((service) => !isWanted(service, spec)),
)

function isWanted({ name }: ServiceDefinition, spec: OpenStackClusterSpec): boolean {
  const service = spec.services[name]
  return 'enabled' in service ? service.enabled : true
}

/** A way into a service for clients outside of the cluster. */
export interface PublicEndpoint {
  /** As in `status.endpoints`: the service's name, or for a further one that of its app. */
  readonly name: string
  /** The Service. */
  readonly app: string
}

/** The public endpoints of a cluster. */
export const publicEndpoints: (spec: OpenStackClusterSpec) => readonly PublicEndpoint[] = perSpec((spec) =>
  servicesOf(spec).flatMap(({ name, endpoints }) =>
    Object.keys(endpoints)
      .map((part) => `${name}-${part}`)
      .map((app, index) => ({ name: index === 0 ? name : app, app })),
  ),
)
