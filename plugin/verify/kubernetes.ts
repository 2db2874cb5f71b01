// What Kubernetes knows of a cloud, checked. Pure.

import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import type { FoundHypervisor } from '../cluster.ts'
import { badConditions } from '../status.ts'
import { expect } from './check.ts'

/** The operator has seen the spec as it is, and has nothing to complain of. */
export function conditions({ metadata, status }: OpenStackCluster): string {
  const { observedGeneration = -1, conditions: all = [] } = status ?? {}
  expect(observedGeneration === metadata.generation, `the operator to have seen generation ${metadata.generation}`, `generation ${observedGeneration}`)
  const bad = badConditions({ status }).map(({ type, status: value, reason, message }) => `${type}=${value} (${reason}: ${message})`)
  expect(
    bad.length === 0 && all.some(({ type }) => type === 'Ready'),
    'every condition as it is in a cloud that is well',
    bad.join('; ') || 'no condition Ready',
  )
  return `${all.length}, as they should be`
}

export function steps({ status }: OpenStackCluster): string {
  const all = status?.steps ?? []
  const open = all.filter(({ state }) => state !== 'Ready').map(({ id, state, message = '' }) => `${id} ${state}${message === '' ? '' : `: ${message}`}`)
  expect(all.length > 0 && open.length === 0, 'every step to be ready', open.join('; ') || 'none')
  return `${all.length}, all ready`
}

interface PodStatus {
  readonly phase?: string
  readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[]
  readonly containerStatuses?: readonly { readonly restartCount: number }[]
}

/** Pods that are to run, run. Those of Jobs that have ended well do not count; nor do those that failed, if another try has ended well. */
export function pods(objects: readonly KubeObject[]): string {
  const all = objects.map((object) => ({ object, name: object.metadata.name, status: (object.status ?? {}) as PodStatus }))
  const wanted = all.filter(({ object, status }) => status.phase !== 'Succeeded' && !isOfJob(object) && object.metadata.deletionTimestamp === undefined)
  const isReady = ({ conditions = [] }: PodStatus) => conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
  const unready = wanted.filter(({ status }) => !isReady(status)).map(({ name, status }) => `${name} ${status.phase}${reasonOf(status)}`)
  expect(wanted.length > 0 && unready.length === 0, 'every pod to be ready', unready.join('; ') || 'no pods')
  const restarts = wanted.reduce((sum, { status }) => sum + (status.containerStatuses ?? []).reduce((count, { restartCount }) => count + restartCount, 0), 0)
  return `${wanted.length}, all ready${restarts === 0 ? '' : `; ${restarts} ${restarts === 1 ? 'restart' : 'restarts'} of containers so far`}`
}

const isOfJob = ({ metadata }: KubeObject): boolean => metadata.ownerReferences?.some(({ kind }) => kind === 'Job') ?? false

function reasonOf({ conditions = [] }: PodStatus): string {
  const message = conditions.find(({ status, message: text }) => status === 'False' && text !== undefined)?.message
  return message === undefined ? '' : ` (${message})`
}

export function hypervisors(all: readonly FoundHypervisor[]): string {
  const bad = all.filter(({ status }) => status?.state !== 'Up' && status?.state !== 'Disabled')
  const words = bad.map(({ spec, status }) => `${spec.node} ${status?.state ?? 'Starting'}${status?.message === undefined ? '' : `: ${status.message}`}`)
  expect(bad.length === 0, 'every hypervisor to be up', words.join('; '))
  const silent = all.flatMap(({ spec, status }) => (status?.agents ?? []).filter(({ alive }) => !alive).map(({ name }) => `${name} on ${spec.node}`))
  expect(silent.length === 0, 'every agent of a hypervisor to be alive', silent.join('; '))
  return all.length === 0 ? 'there are none' : all.map(({ spec, status }) => `${spec.node} ${status?.state}`).join(', ')
}
