import { setMaxListeners } from 'node:events'
import { labels } from '../../operator/api/v1alpha1/index.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { LogOptions } from '../../operator/kube/client.ts'
import { numberOption, spanOption, UsageError } from '../arguments.ts'
import { listAll, titleOf } from '../cluster.ts'
import type { PluginClient } from '../cluster.ts'
import type { Command } from '../command.ts'
import { serviceNames, sourcesOf } from '../logs.ts'
import type { Source } from '../logs.ts'

export const logs: Command = {
  name: 'logs',
  synopsis: 'SERVICE [-f] [--tail N] [--since SPAN]',
  about: 'what the pods of a service say',
  details: `SERVICE is a service with all of its pods (nova, keystone), or one of its parts (nova-compute, mariadb); a name that does not exist is answered with all
that do. Lines of several pods are in the order of their times, and begin with the pod's name.`,
  options: {
    follow: { type: 'boolean', short: 'f', about: 'go on with what is said from now on, by the pods that are there now; ends with Ctrl-C' },
    tail: { type: 'string', value: 'N', about: 'so many lines of each container that are there already (default: 100)' },
    since: { type: 'string', value: 'SPAN', about: 'only lines that are no older than 90s, 5m, 1h30m, …' },
  },
  words: 1,
  run: async ({ given, output, cloud, client, signal }) => {
    const tailLines = numberOption(given, 'tail', 0) ?? 100
    const sinceSeconds = spanOption(given, 'since')
    const found = await cloud()
    const { namespace, name } = found.metadata
    const api = await client()
    const pods = await listAll(api, ResourceTypes.pods, { namespace, labelSelector: `${labels.partOf}=${name}` }, signal)
    const [service] = given.positionals
    const names = serviceNames(pods)
    const known = `${titleOf(found)} has ${names.join(', ') || 'no pods'}`
    if (service === undefined) throw new UsageError(`say which service: ${known}`)
    const sources = sourcesOf(pods, service)
    if (sources.length === 0) throw new Error(`nothing is called ${JSON.stringify(service)}: ${known}`)
    const follow = given.values['follow'] === true
    const options = { follow, tailLines, ...(sinceSeconds === undefined ? {} : { sinceSeconds }) }
    const read = follow ? followed : sorted
    // One for each container: they are not forgotten ones.
    setMaxListeners(0, signal)
    const failures = await read(api, namespace, sources, options, (line) => output.write(`${line}\n`), signal)
    for (const failure of failures) output.warn(`${failure}\n`)
    return failures.length === sources.length ? 1 : 0
  },
}

type Read = (
  client: PluginClient,
  namespace: string,
  sources: readonly Source[],
  options: LogOptions,
  write: (line: string) => void,
  signal: AbortSignal,
) => Promise<string[]>

/** Each line as it comes. */
const followed: Read = async (client, namespace, sources, options, write, signal) => {
  const read = async ({ pod, container, prefix }: Source) => {
    for await (const line of client.log(namespace, pod, signal, { ...options, container })) write(`${prefix}${line}`)
  }
  return failuresOf(sources, await Promise.allSettled(sources.map(read)))
}

/** All lines in the order of their times. */
const sorted: Read = async (client, namespace, sources, options, write, signal) => {
  const lines: { readonly time: string; readonly text: string }[] = []
  const read = async ({ pod, container, prefix }: Source) => {
    for await (const line of client.log(namespace, pod, signal, { ...options, container, timestamps: true })) {
      const space = line.indexOf(' ')
      lines.push({ time: sortable(line.slice(0, space)), text: `${prefix}${line.slice(space + 1)}` })
    }
  }
  const failures = failuresOf(sources, await Promise.allSettled(sources.map(read)))
  for (const { text } of lines.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))) write(text)
  return failures
}

/** Nanoseconds come without zeros at their end. */
function sortable(time: string): string {
  const [seconds = '', fraction = ''] = time.replace(/Z$/, '').split('.')
  return `${seconds}.${fraction.padEnd(9, '0')}`
}

function failuresOf(sources: readonly Source[], results: readonly PromiseSettledResult<void>[]): string[] {
  return results.flatMap((result, index) => {
    if (result.status === 'fulfilled') return []
    const error: unknown = result.reason
    return [`${sources[index]?.pod}: ${error instanceof Error ? error.message : String(error)}`]
  })
}
