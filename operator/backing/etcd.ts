import { backingPorts, serviceHost } from '../model/scope.ts'
import { resourcesOf } from '../workloads/pod.ts'
import { headlessService } from '../workloads/service.ts'
import { statefulSet } from '../workloads/statefulset.ts'
import type { Backing } from './backing.ts'

const ports = [{ name: 'client', port: backingPorts.etcd }]

/** etcd: locks and groups of services that run more than once (tooz). */
export const etcd: Backing = {
  name: 'etcd',
  enabled: ({ backing }) => backing.coordination.enabled,
  ports,
  credentials: {},
  objects: (scope) => {
    const { storage, resources } = scope.spec.backing.coordination
    return [
      headlessService(scope, 'etcd', 'etcd', ports),
      statefulSet(
        scope,
        'etcd',
        'etcd',
        {
          image: 'etcd',
          args: [
            'etcd',
            '--name',
            'etcd-0',
            '--data-dir',
            '/var/lib/etcd/data',
            '--listen-client-urls',
            `http://0.0.0.0:${backingPorts.etcd}`,
            '--advertise-client-urls',
            `http://${serviceHost(scope, 'etcd')}:${backingPorts.etcd}`,
            '--listen-peer-urls',
            'http://127.0.0.1:2380',
            '--auto-compaction-retention',
            '1h',
          ],
          directories: [{ path: '/var/lib/etcd', source: { kind: 'claim', name: 'data', template: true } }],
          ports,
          ready: { http: '/health', port: backingPorts.etcd },
          resources: resourcesOf({ requests: { cpu: '20m', memory: '64Mi' } }, resources),
        },
        [{ name: 'data', ...storage }],
      ),
    ]
  },
}
