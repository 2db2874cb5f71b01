// Every OpenStack service that the operator knows. A new one is a folder and a line here.

export { barbican } from './barbican/index.ts'
export { cinder } from './cinder/index.ts'
export { glance } from './glance/index.ts'
export { horizon } from './horizon/index.ts'
export { keystone } from './keystone/index.ts'
export { neutron } from './neutron/index.ts'
export { nova } from './nova/index.ts'
export { placement } from './placement/index.ts'
