import type { KubeObject } from '../kube/types.ts'
import type { OutsideCall } from './outside.ts'
import type { Problem } from './problem.ts'
import type { Scope } from './scope.ts'

/**
 * The unit of the bring-up. A step wants Kubernetes objects, or something outside of Kubernetes, or both; it is ready when the objects are
 * and the outside call has succeeded. Nothing of it is made before its needs are ready.
 */
export interface Step {
  /** `service/part`, e.g. `nova/schema`. */
  readonly id: string
  /** Ids of the steps that must be ready first. */
  readonly needs: readonly string[]
  readonly objects?: (scope: Scope) => readonly KubeObject[]
  /** Asked again at once when one of the step's Jobs ends, since that is what the answer depends on. */
  readonly outside?: (scope: Scope) => OutsideCall | undefined
  /** What is under way, where there is a better word for it than the state of the step's objects; empty where there is none. */
  readonly progress?: (scope: Scope) => string
  /** What hinders the step although its objects are fine, or a better word for why they are not. */
  readonly problem?: (scope: Scope) => Problem | undefined
}
