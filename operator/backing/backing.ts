import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'
import type { CredentialKind } from '../config/credentials.ts'
import type { KubeObject } from '../kube/types.ts'
import type { BackingName } from '../model/backing.ts'
import type { Scope } from '../model/scope.ts'
import type { Port } from '../workloads/service.ts'

/** A backing service: a program that we run for OpenStack and that is none of OpenStack's. */
export interface Backing {
  readonly name: BackingName
  /** Whether the CR wants it. Without it: always. */
  readonly enabled?: (spec: OpenStackClusterSpec) => boolean
  /** What its Service offers to the others. */
  readonly ports: readonly Port[]
  readonly credentials: Readonly<Record<string, CredentialKind>>
  readonly objects: (scope: Scope) => readonly KubeObject[]
}
