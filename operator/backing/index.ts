import type { Step } from '../model/step.ts'
import { etcd } from './etcd.ts'
import { mariadb } from './mariadb.ts'
import { memcached } from './memcached.ts'
import { rabbitmq } from './rabbitmq.ts'
import type { Backing } from './backing.ts'

/** The backing services: what OpenStack's services stand on. */
export const backing: readonly Backing[] = [mariadb, rabbitmq, memcached, etcd]

/** The step that brings up each backing service; they need nothing and come up side by side. */
export function backingSteps(): Step[] {
  return backing.map(({ name, objects }) => ({ id: name, needs: [], objects }))
}
