import { labels } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import { wantsJson } from '../arguments.ts'
import { hypervisors, listAll } from '../cluster.ts'
import type { PluginClient } from '../cluster.ts'
import { outputOption, watchOption } from '../command.ts'
import type { Command } from '../command.ts'
import { eventLine, eventLines, eventsOf, membersOf } from '../events.ts'
import type { CloudEvent, Members } from '../events.ts'
import { follow } from '../follow.ts'
import { painter } from '../output.ts'

const { events: eventType, pods, deployments, statefulSets, daemonSets, jobs } = ResourceTypes

export const events: Command = {
  name: 'events',
  synopsis: '[CLOUD] [--warnings] [--watch] [-o json]',
  about: 'what happened: events of the cloud, its hypervisors, its workloads and their pods, the last one last',
  details: 'Events that say the same of one object are one, with their number. Kubernetes forgets events after an hour.',
  options: { warnings: { type: 'boolean', about: 'only those that warn' }, ...watchOption, ...outputOption },
  words: 1,
  run: async ({ given, output, cloud, client, now, signal }) => {
    const json = wantsJson(given)
    const found = await cloud(given.positionals[0])
    const api = await client()
    const paint = painter(output)
    const { namespace } = found.metadata
    const [members, objects] = await Promise.all([findMembers(api, found), listAll(api, eventType, { namespace }, signal)])
    const wanted = (all: readonly KubeObject[]) => eventsOf(all, members).filter(({ type }) => type === 'Warning' || given.values['warnings'] !== true)
    const seen = wanted(objects)
    if (!given.values['watch']) {
      output.write(json ? `${JSON.stringify(seen, null, 2)}\n` : `${eventLines(seen, paint, now()).join('\n') || 'there are no events of the last hour'}\n`)
      return 0
    }
    const write = (event: CloudEvent) => output.write(`${json ? JSON.stringify(event) : eventLine(event, paint)}\n`)
    const told = new Map<string, number>()
    const tell = (all: readonly CloudEvent[]) => {
      for (const event of all) {
        const key = JSON.stringify([event.type, event.reason, event.object, event.message])
        if ((told.get(key) ?? 0) >= event.count) continue
        told.set(key, event.count)
        write(event)
      }
    }
    tell(seen)
    for await (const [all] of follow(api, [eventType], namespace, signal, output.warn)) tell(wanted(all ?? []))
    return 0
  },
}

async function findMembers(client: PluginClient, { metadata: { name, namespace } }: OpenStackCluster): Promise<Members> {
  const own = { namespace, labelSelector: `${labels.partOf}=${name}` }
  const [nodes, ...objects] = await Promise.all([
    listAll(client, hypervisors, { namespace }),
    ...[pods, deployments, statefulSets, daemonSets, jobs].map((type): Promise<KubeObject[]> => listAll(client, type, own)),
  ])
  return membersOf(name, nodes, objects.flat())
}
