import { backingOf } from '../backing/index.ts'
import { addressesOf, isReady } from '../model/node.ts'
import type { Endpoints } from '../api/v1alpha1/index.ts'
import type { CredentialKind } from '../config/credentials.ts'
import type { KubeObject } from '../kube/types.ts'
import { externalSecrets, passwordSecrets } from '../model/named-secrets.ts'
import type { NamedSecret } from '../model/named-secrets.ts'
import { perSpec } from '../model/per-spec.ts'
import type { Scope } from '../model/scope.ts'
import type { Rotation } from '../services/definition.ts'
import { portsOf } from '../api/v1alpha1/service.ts'
import { allServices, servicesOf } from '../services/wanted.ts'
import { serviceCredentials } from '../services/steps.ts'
import type { Owner } from '../workloads/metadata.ts'
import { service } from '../workloads/service.ts'
import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'

// The foundation is what every builder needs before it can build: the generated secrets, and the Services, whose node ports or load
// balancers are part of the endpoints.

/** Every generated secret that a cluster needs, by name. Those of a service that is switched off stay in their Secret, for when it is switched on again. */
export const wantedCredentials: (spec: OpenStackClusterSpec) => Readonly<Record<string, CredentialKind>> = perSpec((spec) => {
  const wanted: Record<string, CredentialKind> = {}
  for (const each of backingOf(spec)) Object.assign(wanted, each.credentials)
  for (const each of servicesOf(spec)) Object.assign(wanted, serviceCredentials(each))
  for (const user of spec.identity.users) {
    if (user.passwordSecret === undefined) wanted[`user.${user.name}`] = 'password'
  }
  for (const keyPair of spec.bootstrap.keyPairs) {
    if (keyPair.publicKey === undefined) wanted[`keypair.${keyPair.name}`] = 'ssh-key'
  }
  return wanted
})

/** Every credential of a cluster that changes on a schedule. */
export const wantedRotations: (spec: OpenStackClusterSpec) => readonly Rotation[] = perSpec((spec) =>
  servicesOf(spec).flatMap(({ rotations }) => rotations?.(spec) ?? []),
)

/** Every Secret that a CR names. */
export const namedSecrets: (spec: OpenStackClusterSpec) => readonly NamedSecret[] = perSpec((spec) => [
  ...externalSecrets(spec),
  ...passwordSecrets(spec),
  ...allServices.flatMap((service) => service.namedSecrets?.(spec) ?? []),
])

/** Of each spec that is at hand, by whose it is: nearly every look at a cluster wants the same ones. */
const madeServices = new WeakMap<OpenStackClusterSpec, { readonly uid: string; readonly objects: readonly KubeObject[] }>()

/** Every Service of a cluster. */
export function serviceObjects(scope: Owner & Pick<Scope, 'spec'>): readonly KubeObject[] {
  const made = madeServices.get(scope.spec)
  if (made?.uid === scope.uid) return made.objects
  const objects = makeServices(scope)
  madeServices.set(scope.spec, { uid: scope.uid, objects })
  return objects
}

function makeServices(scope: Owner & Pick<Scope, 'spec'>): KubeObject[] {
  return [
    ...backingOf(scope.spec).map(({ name, ports }) => service(scope, name, name, ports, false)),
    ...servicesOf(scope.spec).flatMap((each) =>
      each.workloads(scope.spec).flatMap(({ part }) => {
        const port = portsOf(each)[part]
        return port === undefined ? [] : [service(scope, `${each.name}-${part}`, each.name, [{ name: 'http', port }], part in each.endpoints)]
      }),
    ),
  ]
}

/**
 * The address that node ports are offered at: the one in use while it is still some node's, so that endpoints do not jump about; else
 * that of the first ready node by name.
 */
export function nodeAddress(nodes: readonly KubeObject[], inUse: string | undefined): string | undefined {
  const addresses = nodes
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .map((node) => ({ ready: isReady(node), address: addressesOf(node)[0] }))
  if (inUse !== undefined && addresses.some(({ address }) => address === inUse)) return inUse
  return (addresses.find(({ ready, address }) => ready && address) ?? addresses.find(({ address }) => address))?.address
}

interface LiveService {
  readonly spec?: { readonly ports?: readonly { readonly port: number; readonly nodePort?: number }[] }
  readonly status?: { readonly loadBalancer?: { readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[] } }
}

/** The URL of a Service for clients outside of the cluster, or what it still waits for. */
export function publicUrlOf(
  name: string,
  live: KubeObject | undefined,
  endpoints: Endpoints,
  address: string | undefined,
): { url: string } | { waitsFor: string } {
  const { spec, status } = (live ?? {}) as LiveService
  const [port] = spec?.ports ?? []
  if (port === undefined) return { waitsFor: `Service ${name}` }
  switch (endpoints.type) {
    case 'NodePort': {
      const host = endpoints.host ?? address
      if (port.nodePort === undefined) return { waitsFor: `a node port of Service ${name}` }
      if (host === undefined) return { waitsFor: 'the address of a node' }
      return { url: `http://${host}:${port.nodePort}` }
    }
    case 'LoadBalancer': {
      const [ingress] = status?.loadBalancer?.ingress ?? []
      const host = ingress?.hostname ?? ingress?.ip
      return host === undefined ? { waitsFor: `the load balancer of Service ${name}` } : { url: `http://${host}:${port.port}` }
    }
    case 'ClusterIP':
      return { url: `http://${endpoints.host ?? `${name}.${live?.metadata.namespace}.svc`}:${port.port}` }
    default:
      throw new RangeError(`spec.endpoints.type: unknown type ${JSON.stringify(endpoints.type satisfies never)}`)
  }
}
