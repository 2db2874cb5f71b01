import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata, selector } from './metadata.ts'
import { podTemplate } from './pod.ts'
import type { PodOptions, Process } from './pod.ts'

/** A volume of each pod of a StatefulSet. */
export interface Claim {
  readonly name: string
  /** Size as a quantity, e.g. `5Gi`. */
  readonly size: string
  readonly storageClassName?: string
}

/** A StatefulSet of one process with a volume of its own; the volume outlives the pod. */
export function statefulSet(scope: Scope, app: string, component: string, process: Process, claims: readonly Claim[], options: PodOptions = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: metadata(scope, app, component),
    spec: {
      replicas: 1,
      revisionHistoryLimit: 2,
      serviceName: `${app}-nodes`,
      podManagementPolicy: 'Parallel',
      // Whether they are kept is the operator's to say: a changed `deletionPolicy` is to touch nothing that runs.
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      selector: { matchLabels: selector(scope, app) },
      template: podTemplate(scope, app, component, process, options),
      volumeClaimTemplates: claims.map(({ name, size, storageClassName }) => ({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name, labels: selector(scope, app) },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: size } },
          volumeMode: 'Filesystem',
          ...(storageClassName ? { storageClassName } : {}),
        },
      })),
    },
  }
}
