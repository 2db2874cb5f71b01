import { backingPorts } from '../model/scope.ts'
import { resourcesOf } from '../workloads/pod.ts'
import { deployment } from '../workloads/deployment.ts'
import type { Backing } from './backing.ts'

const ports = [{ name: 'memcached', port: backingPorts.memcached }]

/** Memcached: validated tokens and sessions; nothing in it is missed after a restart. */
export const memcached: Backing = {
  name: 'memcached',
  enabled: ({ backing }) => backing.cache.enabled,
  ports,
  credentials: {},
  objects: (scope) => {
    const { memoryMiB, resources } = scope.spec.backing.cache
    return [
      deployment(scope, 'memcached', 'memcached', 1, {
        image: 'memcached',
        args: ['memcached', '-m', String(memoryMiB), '-p', String(backingPorts.memcached), '-c', '2048'],
        ports,
        ready: { tcp: backingPorts.memcached },
        resources: resourcesOf({ requests: { cpu: '10m', memory: '32Mi' } }, resources),
      }),
    ]
  },
}
