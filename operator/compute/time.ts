import { CHRONY_PORT } from '../chrony/clock.ts'
import type { TimeWant } from '../chrony/clock.ts'
import type { TimeSync } from '../api/v1alpha1/index.ts'
import type { KubeObject } from '../kube/types.ts'
import { hasLabels, labelTerm } from '../model/node-choice.ts'
import { silentNodes } from '../model/node.ts'
import type { Problem } from '../model/problem.ts'
import type { Scope } from '../model/scope.ts'
import type { Step } from '../model/step.ts'
import { daemonSet } from '../workloads/daemonset.ts'
import { secret } from '../workloads/secret.ts'
import { nodeTerms } from './nodes.ts'

const APP = 'chrony'
/** Its answer holds what is known of the clocks. */
export const TIME_STEP = 'compute/time'

/** chrony on the nodes, and what it says of their clocks; nothing needs it, and it needs nothing. No step while it is switched off. */
export function timeSteps(scope: Scope): Step[] {
  const { mode } = scope.spec.timeSync
  if (mode === 'Off') return []
  return [
    {
      id: TIME_STEP,
      needs: [],
      objects: () => chrony(scope, mode),
      outside: () => {
        const want = timeWant(scope, mode)
        return want.chronyds.length === 0 ? undefined : { kind: 'time', want }
      },
      problem: () => noNode(scope),
    },
  ]
}

/**
 * chronyd in a network of its own, so that it meets none of the host's: the clock is the node's all the same. To set it takes CAP_SYS_TIME, to
 * measure it nothing.
 */
function chrony(scope: Scope, mode: TimeWant['mode']): KubeObject[] {
  const files = { 'chrony.conf': chronyConf(scope.spec.timeSync) }
  const config = { name: `${APP}-config`, files }
  const sets = mode === 'Synchronize'
  const process = {
    image: 'chrony',
    // -d: in the foreground, -x: never set the clock, -U: never mind that this is not root.
    args: ['chronyd', '-d', ...(sets ? ['-u', 'root'] : ['-x', '-U', '-u', 'teruwa']), '-f', CONF],
    files: [{ config, key: 'chrony.conf', path: CONF }],
    directories: [{ path: RUN, source: { kind: 'scratch', memory: true } }],
    resources: { requests: { cpu: '10m', memory: '16Mi' } },
    privileged: false,
    ...(sets ? { capabilities: ['SYS_TIME'] } : {}),
  } as const
  const { nodeSelector } = scope.spec.timeSync
  const terms = Object.keys(nodeSelector).length === 0 ? nodeTerms(scope, 'hypervisor', 'network') : [labelTerm(nodeSelector)]
  return [
    secret(scope, config.name, 'compute', files),
    daemonSet(scope, APP, 'compute', terms, process, { hostNetwork: false, terminationGracePeriodSeconds: 10 }),
  ]
}

const CONF = '/etc/chrony/chrony.conf'
const RUN = '/run/chrony'

/**
 * A server is asked every 16 to 32 s, so that a clock that jumps is seen within a minute; chrony's own 64 to 1024 s are for clocks that nobody waits
 * for. chronyd is nobody's server; it answers questions, which change nothing, and has no socket for commands that would.
 */
export function chronyConf({ mode, servers }: Pick<TimeSync, 'mode' | 'servers'>): string {
  return [
    ...servers.map((server) => `server ${server} iburst minpoll 4 maxpoll 5`),
    'port 0',
    `cmdport ${CHRONY_PORT}`,
    'bindcmdaddress /',
    'bindcmdaddress 0.0.0.0',
    'bindcmdaddress ::',
    'cmdallow all',
    `pidfile ${RUN}/chronyd.pid`,
    // Only right after a start may the clock jump, and only by more than a second; later it is slewed, so that no process sees time go back.
    ...(mode === 'Synchronize' ? ['makestep 1 3', 'rtcsync'] : []),
    '',
  ].join('\n')
}

interface ChronyPod {
  readonly spec?: { readonly nodeName?: string }
  readonly status?: { readonly podIP?: string; readonly phase?: string }
}

/** The chronyds that run, by node. */
function timeWant(scope: Scope, mode: TimeWant['mode']): TimeWant {
  const { servers, maxOffsetMilliseconds } = scope.spec.timeSync
  const silent = silentNodes(scope)
  const chronyds = scope.pods(APP).flatMap(({ metadata, spec, status }) => {
    const pod = { spec, status } as ChronyPod
    const node = pod.spec?.nodeName
    const address = pod.status?.podIP
    if (metadata.deletionTimestamp !== undefined || pod.status?.phase !== 'Running' || node === undefined || address === undefined || silent.has(node))
      return []
    return [{ node, address }]
  })
  return { chronyds: chronyds.toSorted((a, b) => (a.node < b.node ? -1 : 1)), servers, mode, maxOffsetMilliseconds }
}

/** Hypervisors and network nodes have problems of their own where there are none. */
function noNode(scope: Scope): Problem | undefined {
  const { nodeSelector } = scope.spec.timeSync
  const labels = Object.entries(nodeSelector).map(([key, value]) => `${key}=${value}`)
  if (labels.length === 0 || scope.nodes.some((node) => hasLabels(node, nodeSelector))) return undefined
  return { reason: 'NoTimeSyncNode', message: `no node has the labels of timeSync.nodeSelector: kubectl label node NODE ${labels.join(' ')}` }
}
