import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata, selector } from './metadata.ts'

/**
 * Lets a drain take one pod of an app at a time. Pods that are not ready are no use to anybody and may always go, so that a broken one never
 * holds up a drain.
 */
export function podDisruptionBudget(scope: Scope, app: string, component: string): KubeObject {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(scope, app, component),
    spec: { maxUnavailable: 1, selector: { matchLabels: selector(scope, app) }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
  }
}
