import { portsOf } from '../api/v1alpha1/service.ts'
import type { ServiceApi } from '../api/v1alpha1/service.ts'
import * as registry from './index.ts'

const byApp: ReadonlyMap<string, number> = new Map(
  Object.values(registry).flatMap((service: ServiceApi) => Object.entries(portsOf(service)).map(([part, port]) => [`${service.name}-${part}`, port] as const)),
)

/** The port of an app of one of the services, e.g. `nova-api`. Throws where there is none. */
export function portOf(app: string): number {
  const port = byApp.get(app)
  if (port === undefined) throw new Error(`Service ${app} has no port`)
  return port
}
