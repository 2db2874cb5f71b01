import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import { externalAddress, externalFields, requireSecrets } from '../model/backing.ts'
import type { Address, BackingName } from '../model/backing.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { etcd } from './etcd.ts'
import { mariadb } from './mariadb.ts'
import { memcached } from './memcached.ts'
import { rabbitmq } from './rabbitmq.ts'
import type { Backing } from './backing.ts'

const backing: readonly Backing[] = [mariadb, rabbitmq, memcached, etcd]

/** The backing services that a cluster has of its own: what OpenStack's services stand on. */
export function backingOf(spec: OpenStackClusterSpec): Backing[] {
  return wanted(spec).filter(({ name }) => externalAddress(spec, name) === undefined)
}

/** The step that brings up each backing service, or looks at one that somebody else runs; they need nothing and come up side by side. */
export function backingSteps(scope: Scope): Step[] {
  return wanted(scope.spec).map(({ name, objects }) => {
    const address = externalAddress(scope.spec, name)
    return { id: name, needs: [], ...(address === undefined ? { objects } : externalStep(name, address)) }
  })
}

function wanted(spec: OpenStackClusterSpec): Backing[] {
  return backing.filter(({ enabled }) => enabled?.(spec) ?? true)
}

/** What can be said of it before anybody logs in: that the Secrets for it are there, and that it answers. */
function externalStep(name: BackingName, { host, port }: Address): Pick<Step, 'outside'> {
  return {
    outside: (scope) => {
      requireSecrets(scope, name)
      return { kind: 'reach', field: externalFields[name], want: { host, port } }
    },
  }
}
