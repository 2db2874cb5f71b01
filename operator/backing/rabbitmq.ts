import { MANAGEMENT_PORT, RABBITMQ_ADMIN } from '../model/backing.ts'
import { backingPorts } from '../model/scope.ts'
import { resourcesOf } from '../workloads/pod.ts'
import { secret } from '../workloads/secret.ts'
import { headlessService } from '../workloads/service.ts'
import { statefulSet } from '../workloads/statefulset.ts'
import type { Backing } from './backing.ts'

const ports = [
  { name: 'amqp', port: backingPorts.rabbitmq },
  { name: 'management', port: MANAGEMENT_PORT },
]

/** RabbitMQ: one node, named by the pod's stable name, with a volume. */
export const rabbitmq: Backing = {
  name: 'rabbitmq',
  ports,
  credentials: { 'rabbitmq.admin': 'password', 'rabbitmq.erlang-cookie': 'password' },
  objects: (scope) => {
    const { storage, resources } = scope.spec.backing.messaging
    const config = {
      name: 'rabbitmq-config',
      files: {
        'rabbitmq.conf': rabbitmqConf(scope.credential('rabbitmq.admin')),
        enabled_plugins: '[rabbitmq_management].\n',
        'erlang-cookie': scope.credential('rabbitmq.erlang-cookie'),
      },
    }
    return [
      secret(scope, config.name, 'rabbitmq', config.files),
      headlessService(scope, 'rabbitmq', 'rabbitmq', ports),
      statefulSet(
        scope,
        'rabbitmq',
        'rabbitmq',
        {
          image: 'rabbitmq',
          args: ['start-rabbitmq'],
          env: {
            RABBITMQ_NODENAME: 'rabbit@rabbitmq-0',
            // Two schedulers are what a small cloud needs; no busy waiting, because an idle broker must leave the cores to others.
            RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
          },
          files: [
            { config, key: 'rabbitmq.conf', path: '/etc/rabbitmq/rabbitmq.conf' },
            { config, key: 'enabled_plugins', path: '/etc/rabbitmq/enabled_plugins' },
            { config, key: 'erlang-cookie', path: '/etc/teruwa/erlang-cookie' },
          ],
          directories: [
            { path: '/var/lib/rabbitmq', source: { kind: 'claim', name: 'data', template: true } },
            { path: '/tmp', source: { kind: 'scratch' } },
          ],
          ports,
          // The management listener opens at the end of the boot; asking it costs no Erlang VM as rabbitmqctl would.
          ready: { tcp: MANAGEMENT_PORT },
          resources: resourcesOf({ requests: { cpu: '50m', memory: '192Mi' } }, resources),
        },
        [{ name: 'data', ...storage }],
      ),
    ]
  },
}

/** The default user is made only on an empty volume; on a later one it is there. Both are the operator's own. */
function rabbitmqConf(password: string): string {
  return `listeners.tcp.default = ${backingPorts.rabbitmq}
management.tcp.port = ${MANAGEMENT_PORT}
default_user = ${RABBITMQ_ADMIN}
default_pass = ${password}
default_user_tags.administrator = true
loopback_users = none
log.console = true
log.console.level = warning
log.file = false
vm_memory_high_watermark.absolute = 512MiB
disk_free_limit.absolute = 200MB
collect_statistics_interval = 30000
management_agent.disable_metrics_collector = true
`
}
