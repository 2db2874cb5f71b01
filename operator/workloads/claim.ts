import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata } from './metadata.ts'
import type { Claim } from './statefulset.ts'

/** A volume that a Deployment mounts. What becomes of it when the cluster goes is `deletionPolicy`'s to say. */
export function persistentVolumeClaim(scope: Scope, component: string, claim: Claim & { readonly accessMode: string }): KubeObject {
  const { name, size, storageClassName, accessMode } = claim
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadata(scope, name, component, { kept: true }),
    spec: {
      accessModes: [accessMode],
      resources: { requests: { storage: size } },
      ...(storageClassName ? { storageClassName } : {}),
    },
  }
}
