import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata, selector } from './metadata.ts'
import type { Owner } from './metadata.ts'

/** A port of a Service; the pod listens on the same number. */
export interface Port {
  readonly name: string
  readonly port: number
}

/** A Service in front of the pods of an app; `exposed` ones are reachable from outside in the way of `spec.endpoints.type`. */
export function service(scope: Owner & Pick<Scope, 'spec'>, app: string, component: string, ports: readonly Port[], exposed: boolean): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(scope, app, component),
    spec: {
      type: exposed ? scope.spec.endpoints.type : 'ClusterIP',
      selector: selector(scope, app),
      ports: ports.map(({ name, port }) => ({ name, port, targetPort: port, protocol: 'TCP' })),
    },
  }
}

/** The Service that gives the pods of a StatefulSet their names. Not-ready pods are in it: a member must find the others to become ready. */
export function headlessService(scope: Owner & Pick<Scope, 'spec'>, app: string, component: string, ports: readonly Port[]): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(scope, `${app}-nodes`, component),
    spec: {
      type: 'ClusterIP',
      clusterIP: 'None',
      publishNotReadyAddresses: true,
      selector: selector(scope, app),
      ports: ports.map(({ name, port }) => ({ name, port, targetPort: port, protocol: 'TCP' })),
    },
  }
}
