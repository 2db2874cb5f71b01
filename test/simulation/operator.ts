import { group, manager } from '../../operator/api/v1alpha1/index.ts'
import { Reconciler } from '../../operator/cluster/reconciler.ts'
import type { ReconcilerOptions } from '../../operator/cluster/reconciler.ts'
import { Watches } from '../../operator/cluster/watches.ts'
import type { KubeClient } from '../../operator/kube/client.ts'
import { EventRecorder } from '../../operator/kube/events.ts'
import type { Log } from '../../operator/kube/log.ts'
import type { Clock } from '../../operator/runtime/clock.ts'
import { Controller } from '../../operator/runtime/controller.ts'
import { WorkQueue } from '../../operator/runtime/queue.ts'

export interface OperatorParts extends Required<Pick<ReconcilerOptions, 'outside' | 'randomBytes' | 'random'>>, Pick<ReconcilerOptions, 'steps'> {
  readonly client: KubeClient
  readonly clock: Clock
  readonly log: Log
  /** The namespace that is looked after. Default: all. */
  readonly namespace?: string
}

/** Short names of all images, each with a tag. */
export const imageTags = Object.fromEntries(
  'keystone glance placement horizon cinder nova nova-compute libvirt neutron mariadb rabbitmq memcached chrony etcd guest'
    .split(' ')
    .map((name) => [name, 'zed-0']),
)
export const operatorImage = 'teruwa/operator:0'

/** Everything that the operator is made of, but for its command line, health and election, at work until the signal. Returns its queue at once. */
export function startOperator({ client, clock, log, random, randomBytes, outside, steps, namespace }: OperatorParts, signal: AbortSignal): WorkQueue {
  const queue = new WorkQueue({ clock, random })
  const watches = new Watches({ client, log, clock, random, wake: (key) => queue.add(key), ...(namespace === undefined ? {} : { namespace }) })
  const events = new EventRecorder({ client, controller: `${group}/${manager}`, instance: 'one', clock, log })
  const wake = (key: string, delay: number) => queue.addAfter(key, delay)
  const reconciler = new Reconciler({
    client,
    watches,
    events,
    log,
    wake,
    imageTags,
    operatorImage,
    now: () => clock.now(),
    random,
    randomBytes,
    outside,
    ...(steps === undefined ? {} : { steps }),
  })
  const controller = new Controller({
    name: 'openstackcluster',
    concurrency: 4,
    queue,
    log,
    clock,
    reconcile: (key, inner) => reconciler.reconcile(key, inner),
  })
  const begin = async () => {
    await watches.start(signal)
    controller.start(signal)
  }
  void begin()
  return queue
}
