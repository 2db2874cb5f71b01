import type { ServiceDefinition } from './definition.ts'
import { glance } from './glance/index.ts'
import { keystone } from './keystone/index.ts'
import { neutron } from './neutron/index.ts'
import { nova } from './nova/index.ts'
import { placement } from './placement/index.ts'

/** Every OpenStack service that the operator knows. A new one is a folder and a line here. */
export const services: readonly ServiceDefinition[] = [keystone, glance, placement, nova, neutron]
