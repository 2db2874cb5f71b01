import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { etcd } from './etcd.ts'
import { mariadb } from './mariadb.ts'
import { memcached } from './memcached.ts'
import { rabbitmq } from './rabbitmq.ts'
import type { Backing } from './backing.ts'

const backing: readonly Backing[] = [mariadb, rabbitmq, memcached, etcd]

/** The backing services of a cluster: what OpenStack's services stand on. */
export function backingOf(spec: OpenStackClusterSpec): Backing[] {
  return backing.filter(({ enabled }) => enabled?.(spec) ?? true)
}

/** The step that brings up each backing service; they need nothing and come up side by side. */
export function backingSteps({ spec }: Scope): Step[] {
  return backingOf(spec).map(({ name, objects }) => ({ id: name, needs: [], objects }))
}
