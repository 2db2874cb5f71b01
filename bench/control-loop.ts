// npm run bench -- control-loop: how soon a change of one field is applied, what the operator uses at rest, and what it writes then.

import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { OPERATOR_NAMESPACE } from '../local/names.ts'
import type { Kubectl } from '../local/kubectl.ts'
import { openStackClusters } from '../operator/cluster/watches.ts'
import { connect } from '../operator/kube/rest-client.ts'
import type { KubeClient } from '../operator/kube/client.ts'
import { ResourceTypes } from '../operator/kube/resources.ts'
import type { KubeObject } from '../operator/kube/types.ts'
import { writesIn } from './audit.ts'
import type { Writes } from './audit.ts'
import { changeTimes } from './change-times.ts'
import { controlLoopTable } from './control-loop-table.ts'
import type { ContainerStats } from './footprint-table.ts'
import { benchKubeconfig, benchKubectl, statsSummaries } from './target.ts'
import { percentiles } from './times.ts'

const USAGE = `Usage: npm run bench -- control-loop [OPTIONS]

  --changes N      changes of each kind (default: 60)
  --rest MINUTES   how long the operator is looked at while nothing changes (default: 10)
  --output FILE    JSON (default: bench/results/control-loop.json)

The cloud must be Ready. Nothing of it is rolled: a limit of clocks that nobody measures is changed in it, and memory of a cache in a second cloud, in a
namespace of its own in which no pod may be. Both are put back.
`

/** A namespace for a cloud without pods. */
const NAMESPACE = 'teruwa-bench'
const signal = new AbortController().signal

/** What is measured. Times in ms. */
export interface ControlLoopResult {
  readonly changes: Readonly<Record<string, readonly number[]>>
  readonly rest: { readonly minutes: number; readonly workingSetMiB: number; readonly residentMiB: number; readonly cpuPercentOfACore: number }
  /** Without it there was no audit log. */
  readonly writes?: Writes
}

/** Measures, prints a table, and writes it as JSON. */
export async function controlLoop(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      changes: { type: 'string', default: '60' },
      rest: { type: 'string', default: '10' },
      output: { type: 'string', default: join(import.meta.dirname, 'results', 'control-loop.json') },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    console.log(USAGE)
    return
  }
  const kubectl = await benchKubectl()
  const kubeconfig = benchKubeconfig()
  const client = await connect({ userAgent: 'teruwa-bench', ...(kubeconfig === undefined ? {} : { kubeconfig }) })
  try {
    const cloud = await readyCloud(client)
    const count = Number(values.changes)
    console.log(`${count} changes of the cloud ${cloud.metadata.name}, and of a cloud without pods`)
    const changes = {
      'the running cloud, until its status says so': await inRunningCloud(client, cloud, count),
      ...(await inCloudWithoutPods(client, kubectl, count)),
    }
    console.log(`${values.rest} minutes of rest`)
    const { writes, ...rest } = await atRest(kubectl, Number(values.rest))
    const result: ControlLoopResult = { changes, rest, ...(writes ? { writes } : {}) }
    console.log(controlLoopTable(result))
    const summary = Object.fromEntries(Object.entries(changes).map(([name, times]) => [name, { ...percentiles(times), times: times.map(Math.round) }]))
    await mkdir(dirname(values.output), { recursive: true })
    await writeFile(values.output, `${JSON.stringify({ ...result, changes: summary }, undefined, 2)}\n`)
  } finally {
    await client.close()
  }
}

async function readyCloud(client: KubeClient): Promise<KubeObject> {
  const { items } = await client.list(openStackClusters, {}, signal)
  const cloud = items.find(({ status }) => (status as { conditions?: { type: string; status: string }[] } | undefined)?.conditions?.some(isReady))
  if (cloud === undefined) throw new Error('no OpenStackCluster is Ready: there is nothing to measure')
  return cloud
}

const isReady = ({ type, status }: { type: string; status: string }) => type === 'Ready' && status === 'True'

/** A visit to the whole cloud: from the change to the status that says that the change was seen and that all is as it asks for. */
async function inRunningCloud(client: KubeClient, cloud: KubeObject, count: number): Promise<number[]> {
  const { namespace, name } = cloud.metadata
  const { timeSync } = cloud.spec as { timeSync: { mode: string; maxOffsetMilliseconds: number } }
  if (timeSync.mode !== 'Off')
    throw new Error('spec.timeSync.mode of the cloud is not Off: to change the limit of its clocks would change what it is judged by')
  const change = (index: number) => ({ spec: { timeSync: { maxOffsetMilliseconds: 1000 + index } } })
  const isApplied = (seen: KubeObject, changed: KubeObject) =>
    seen.kind === openStackClusters.kind && (seen.status as { observedGeneration?: number } | undefined)?.observedGeneration === changed.metadata.generation
  try {
    return await changeTimes({ client, type: openStackClusters, namespace, name, watched: openStackClusters, count, change, isApplied }, signal)
  } finally {
    await client.patch(openStackClusters, namespace, name, { spec: { timeSync: { maxOffsetMilliseconds: timeSync.maxOffsetMilliseconds } } }, { type: 'merge' })
  }
}

/** From the change to the Deployment that has it. A quota of no pods lets the whole control loop run, and nothing else. */
async function inCloudWithoutPods(client: KubeClient, kubectl: Kubectl, count: number): Promise<Record<string, number[]>> {
  const { deployments } = ResourceTypes
  const { apiVersion, kind } = openStackClusters
  await kubectl.apply([
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'no-pods', namespace: NAMESPACE }, spec: { hard: { pods: '0' } } },
    // Nothing but the default deletionPolicy will do: with Delete, nodes would be cleared that the running cloud is on.
    { apiVersion, kind, metadata: { name: 'bench', namespace: NAMESPACE } },
  ])
  try {
    await kubectl.watchObject(['deployments', 'memcached', '--namespace', NAMESPACE], () => true, AbortSignal.timeout(60_000))
    const memory = (index: number) => 100 + index
    const change = (index: number) => ({ spec: { backing: { cache: { memoryMiB: memory(index) } } } })
    const isApplied = (seen: KubeObject, _changed: KubeObject, index: number) =>
      seen.metadata.name === 'memcached' && JSON.stringify(seen.spec).includes(`"${memory(index)}"`)
    const options = { client, type: openStackClusters, namespace: NAMESPACE, name: 'bench', watched: deployments, count, change, isApplied }
    return { 'a cloud without pods, until its Deployment has it': await changeTimes(options, signal) }
  } finally {
    await kubectl.run(['delete', 'openstackclusters', '--all', '--namespace', NAMESPACE, '--timeout=5m'])
    await kubectl.run(['delete', 'namespace', NAMESPACE, '--timeout=5m'])
  }
}

/** What the operator uses and writes while nothing changes. */
async function atRest(kubectl: Kubectl, minutes: number): Promise<ControlLoopResult['rest'] & { writes?: Writes }> {
  // What the changes before have left to do is done by then.
  await delay(60_000)
  const from = Date.now()
  const first = await operatorStats(kubectl)
  await delay(minutes * 60_000)
  const last = await operatorStats(kubectl)
  const to = Date.now()
  const seconds = (Date.parse(last.cpu?.time ?? '') - Date.parse(first.cpu?.time ?? '')) / 1000
  const used = ((last.cpu?.usageCoreNanoSeconds ?? 0) - (first.cpu?.usageCoreNanoSeconds ?? 0)) / 1e9
  const writes = await writesOf(kubectl, from, to)
  return {
    minutes,
    workingSetMiB: (last.memory?.workingSetBytes ?? 0) / 2 ** 20,
    residentMiB: (last.memory?.rssBytes ?? 0) / 2 ** 20,
    cpuPercentOfACore: (used / seconds) * 100,
    ...(writes ? { writes } : {}),
  }
}

async function operatorStats(kubectl: Kubectl): Promise<ContainerStats> {
  const pods = (await statsSummaries(kubectl)).flatMap((summary) => summary.pods).filter(({ podRef }) => podRef.namespace === OPERATOR_NAMESPACE)
  const operator = pods.flatMap(({ containers = [] }) => containers).find(({ name }) => name === 'operator')
  if (operator === undefined) throw new Error(`there is no operator in the namespace ${OPERATOR_NAMESPACE}`)
  return operator
}

async function writesOf(kubectl: Kubectl, from: number, to: number): Promise<Writes | undefined> {
  const since = new Date(from).toISOString()
  const log = await kubectl.run(['logs', '--namespace', 'kube-system', '--selector', 'component=kube-apiserver', '--tail=-1', `--since-time=${since}`])
  return writesIn(log, `system:serviceaccount:${OPERATOR_NAMESPACE}:teruwa`, from, to)
}
