import type { File } from '../../workloads/pod.ts'
import type { Context } from '../context.ts'
import type { ServiceDefinition } from '../definition.ts'
import { cinder } from '../cinder/index.ts'
import { glance } from '../glance/index.ts'
import { keystone } from '../keystone/index.ts'
import { neutron } from '../neutron/index.ts'
import { nova } from '../nova/index.ts'
import { declaredPolicies, policyFile } from '../policies.ts'

/** Horizon's names of the services whose policies it heeds, and the directory that the image brings for one. */
const heeded: readonly { readonly horizonName: string; readonly service: ServiceDefinition; readonly directories: readonly string[] }[] = [
  { horizonName: 'identity', service: keystone, directories: [] },
  { horizonName: 'compute', service: nova, directories: ['nova_policy.d'] },
  { horizonName: 'image', service: glance, directories: [] },
  { horizonName: 'network', service: neutron, directories: [] },
  { horizonName: 'volume', service: cinder, directories: ['cinder_policy.d'] },
]

/** Where policies of the CR lie, beside those that the image brings. */
const FOLDER = '/etc/openstack-dashboard/policy'

/** A copy of a service's policies, so that the dashboard offers what the service will allow. */
interface PolicyCopy {
  readonly horizonName: string
  /** Key in the Secret. */
  readonly key: string
  readonly text: string
  /** Relative to Horizon's folder of policies. */
  readonly directories: readonly string[]
}

/** Copies for the services that the CR has policies for, as accepted by the services themselves. */
export function policyCopies({ scope }: Context): PolicyCopy[] {
  return heeded.flatMap(({ horizonName, service, directories }) => {
    const text = Object.keys(declaredPolicies(scope, service)).length === 0 ? undefined : policyFile(scope, service)
    return text === undefined ? [] : [{ horizonName, key: `${service.name}_policy.yaml`, text, directories: [...directories, `cloud/${service.name}`] }]
  })
}

/** The files of the copies in Horizon's pods. */
export function policyMounts(c: Context): File[] {
  return policyCopies(c).map(({ key, directories }) => c.file(key, `${FOLDER}/${directories.at(-1)}/policy.yaml`))
}
