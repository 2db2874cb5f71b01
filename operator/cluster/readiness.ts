import { stripVTControlCharacters } from 'node:util'
import type { KubeObject } from '../kube/types.ts'
import type { Problem } from '../model/problem.ts'

/** How far one object is. */
export type Verdict = { readonly ready: true } | { readonly ready: false; readonly message: string; readonly problem?: Problem; readonly failed?: boolean }

const ready: Verdict = { ready: true }
const waiting = (message: string): Verdict => ({ ready: false, message })

interface WorkloadStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly availableReplicas?: number
  readonly readyReplicas?: number
  readonly currentRevision?: string
  readonly updateRevision?: string
  readonly desiredNumberScheduled?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
  readonly phase?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
}

/**
 * Whether a live object has become what was asked for, by the rules of `kubectl rollout status` and `kubectl wait`. A DaemonSet's pods on silent nodes
 * are not waited for.
 */
export function verdictOf(live: KubeObject, allPods: readonly KubeObject[], silent: ReadonlySet<string> = new Set()): Verdict {
  const pods = allPods.filter((pod) => !silent.has(nodeNameOf(pod) ?? ''))
  const status = (live.status ?? {}) as WorkloadStatus
  const name = `${live.kind} ${live.metadata.name}`
  switch (live.kind) {
    case 'Deployment': {
      const want = (live.spec as { replicas?: number }).replicas ?? 1
      if (!observed(live, status) || (status.updatedReplicas ?? 0) < want) return unready(name, 'is rolling out', pods)
      if ((status.availableReplicas ?? 0) < want) return unready(name, `has ${status.availableReplicas ?? 0} of ${want} pods ready`, pods)
      if ((status.replicas ?? 0) > (status.updatedReplicas ?? 0)) return unready(name, 'ends its old pods', pods)
      return ready
    }
    case 'StatefulSet': {
      const want = (live.spec as { replicas?: number }).replicas ?? 1
      if (!observed(live, status) || (status.updatedReplicas ?? 0) < want) return unready(name, 'is rolling out', pods)
      if ((status.readyReplicas ?? 0) < want) return unready(name, `has ${status.readyReplicas ?? 0} of ${want} pods ready`, pods)
      return ready
    }
    case 'DaemonSet': {
      const want = Math.max(0, (status.desiredNumberScheduled ?? 0) - (allPods.length - pods.length))
      if (!observed(live, status) || (status.updatedNumberScheduled ?? 0) < want) return unready(name, 'is rolling out', pods)
      if ((status.numberAvailable ?? 0) < want) return unready(name, `is ready on ${status.numberAvailable ?? 0} of ${want} nodes`, pods)
      return ready
    }
    case 'Job': {
      const condition = (type: string) => status.conditions?.find((each) => each.type === type && each.status === 'True')
      if (condition('Complete')) return ready
      const failure = condition('Failed')
      if (failure === undefined) return unready(name, 'is running', pods)
      const word = lastWords(pods) ?? failure.message ?? 'no message'
      return { ready: false, failed: true, message: `${name} failed: ${word}`, problem: { reason: 'JobFailed', message: `${name} failed: ${word}` } }
    }
    default:
      // Everything else (Secrets, Services, volumes that bind with their first pod) is ready by being there.
      return ready
  }
}

function observed(live: KubeObject, status: WorkloadStatus): boolean {
  return (status.observedGeneration ?? 0) >= (live.metadata.generation ?? 0)
}

function unready(name: string, what: string, pods: readonly KubeObject[]): Verdict {
  const problem = pods.map(podProblem).find((each) => each !== undefined)
  if (problem === undefined) return waiting(`${name} ${what}`)
  return { ready: false, message: `${name} ${what}: ${problem.message}`, problem: { ...problem, message: `${name}: ${problem.message}` } }
}

interface ContainerState {
  readonly name: string
  readonly restartCount?: number
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string }; readonly terminated?: Terminated }
  readonly lastState?: { readonly terminated?: Terminated }
}
interface Terminated {
  readonly exitCode?: number
  readonly reason?: string
  readonly message?: string
}
interface PodStatus {
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason?: string; readonly message?: string }[]
  readonly initContainerStatuses?: readonly ContainerState[]
  readonly containerStatuses?: readonly ContainerState[]
}

/** EX_CONFIG of sysexits.h: the program has said in a sentence what a person must mend, and is tried again meanwhile. */
const CONFIGURATION_ERROR = 78

const imageReasons = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'])

/** Why a pod does not get ready, where the kubelet or the scheduler knows; `undefined` while it is simply starting. */
export function podProblem(pod: KubeObject): Problem | undefined {
  const status = (pod.status ?? {}) as PodStatus
  const place = `pod ${pod.metadata.name}${nodeOf(pod)}`
  const unscheduled = status.conditions?.find(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable')
  if (unscheduled) return { reason: 'Unschedulable', message: `${place} cannot be scheduled: ${unscheduled.message ?? ''}` }
  for (const { name, state, lastState } of containers(status)) {
    const waitingFor = state?.waiting
    if (waitingFor?.reason && imageReasons.has(waitingFor.reason)) {
      return {
        reason: 'ImagePullFailed',
        message: `${place}, container ${name}: ${waitingFor.message ?? waitingFor.reason}; push the image or set spec.images`,
      }
    }
    if (waitingFor?.reason === 'CreateContainerConfigError' || waitingFor?.reason === 'CreateContainerError') {
      return { reason: 'ContainerNotStarted', message: `${place}, container ${name}: ${waitingFor.message ?? waitingFor.reason}` }
    }
    const last = state?.terminated ?? lastState?.terminated
    if (last?.exitCode === CONFIGURATION_ERROR) return { reason: 'BadConfiguration', message: `${lastLine(last.message)} (${place})` }
    if (last && (last.exitCode ?? 0) !== 0 && (waitingFor?.reason === 'CrashLoopBackOff' || state?.terminated)) {
      return {
        reason: 'ContainerFails',
        message: `${place}, container ${name} exits with ${last.exitCode}: ${lastLine(last.message) || last.reason || 'no message'}`,
      }
    }
  }
  return undefined
}

/** What the failed container of a Job's newest pod said at its end. */
function lastWords(pods: readonly KubeObject[]): string | undefined {
  for (const pod of pods) {
    for (const { state, lastState } of containers(pod.status ?? {})) {
      const last = state?.terminated ?? lastState?.terminated
      if (last && (last.exitCode ?? 0) !== 0) return lastLine(last.message) || `exit code ${last.exitCode}`
    }
  }
  return undefined
}

function containers(status: PodStatus): readonly ContainerState[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])]
}

function nodeNameOf(pod: KubeObject): string | undefined {
  return ((pod.spec ?? {}) as { nodeName?: string }).nodeName
}

function nodeOf(pod: KubeObject): string {
  const nodeName = nodeNameOf(pod)
  return nodeName === undefined ? '' : ` on node ${nodeName}`
}

/** A line without colours and without what oslo.log puts before the message (time, process, level, logger). */
function plainLine(line: string): string {
  return stripVTControlCharacters(line)
    .replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \d+ [A-Z]+ \S+( \[.*?\])?/, '')
    .trim()
}

/** The last line that says something: a Python traceback ends with its error. */
function lastLine(text: string | undefined): string {
  const lines = (text ?? '')
    .split('\n')
    .map(plainLine)
    .filter((line) => line !== '')
  return (lines.at(-1) ?? '').slice(0, 500)
}
