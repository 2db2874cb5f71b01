import type { KubeObject } from '../kube/types.ts'
import type { NodeTerms } from '../model/node-choice.ts'
import { silentNodes } from '../model/node.ts'
import type { Scope } from '../model/scope.ts'
import { metadata, selector } from './metadata.ts'
import { podTemplate } from './pod.ts'
import type { PodOptions, Process } from './pod.ts'

/**
 * A DaemonSet of a privileged process in the node's own network, unless process and options say otherwise. The old pod is gone before the new one starts (`maxSurge: 0`), since two
 * agents of one host would take each other's messages. A pod on a silent node is away in any case, and must not keep the others from rolling.
 */
export function daemonSet(scope: Scope, app: string, component: string, terms: NodeTerms, process: Process, options: PodOptions = {}): KubeObject {
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms.map((matchExpressions) => ({ matchExpressions })) } },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: metadata(scope, app, component),
    spec: {
      revisionHistoryLimit: 2,
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 + silentNodes(scope).size } },
      selector: { matchLabels: selector(scope, app) },
      template: podTemplate(scope, app, component, { privileged: true, ...process }, { hostNetwork: true, tolerateAll: true, ...options, affinity }),
    },
  }
}
