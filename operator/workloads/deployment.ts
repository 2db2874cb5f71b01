import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata, selector } from './metadata.ts'
import { podTemplate } from './pod.ts'
import type { PodOptions, Process } from './pod.ts'

/**
 * A Deployment of one process. `replicas` 1 rolls with one pod more for a moment, so that a change leaves no gap; an
 * `exclusive` one goes before the next comes, because its volume is for one node at a time.
 */
export function deployment(
  scope: Scope,
  app: string,
  component: string,
  replicas: number,
  process: Process,
  options: PodOptions & { readonly exclusive?: boolean } = {},
): KubeObject {
  const { exclusive, ...podOptions } = options
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(scope, app, component),
    spec: {
      replicas,
      revisionHistoryLimit: 2,
      strategy: exclusive ? { type: 'Recreate' } : { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      selector: { matchLabels: selector(scope, app) },
      template: podTemplate(scope, app, component, process, { ...podOptions, spread: !exclusive }),
    },
  }
}
