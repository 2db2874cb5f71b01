import { hashOf } from '../config/hash.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata } from './metadata.ts'
import { podTemplate } from './pod.ts'
import type { PodOptions, Process } from './pod.ts'

/**
 * A Job, named by the hash of what it does (image, arguments, and what `meaning` adds), so that a change makes a new Job and nobody ever
 * edits an immutable one. The kubelet restarts a failing container with its own backoff; after `backoffLimit` failures the Job has failed and
 * the operator replaces it in its own time.
 */
export function job(
  scope: Scope,
  app: string,
  component: string,
  process: Process,
  options: PodOptions & { readonly meaning?: unknown; readonly backoffLimit?: number } = {},
): KubeObject {
  const { meaning, backoffLimit = 3, ...podOptions } = options
  const inits = (options.initContainers ?? []).map((init) => [scope.image(init.process.image), init.process.args])
  const name = `${app}-${hashOf([scope.image(process.image), process.args, process.env, inits, meaning])}`
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: metadata(scope, name, component),
    spec: {
      backoffLimit,
      completions: 1,
      parallelism: 1,
      template: podTemplate(scope, name, component, process, { ...podOptions, restartPolicy: 'Never' }),
    },
  }
}
