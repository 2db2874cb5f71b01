import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { metadata } from './metadata.ts'
import type { Claim } from './statefulset.ts'

/** A volume that a Deployment mounts. It stays when the cluster goes, if `deletionPolicy` is Retain. */
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
