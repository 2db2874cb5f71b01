import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { stepsOf } from '../../operator/cluster/graph.ts'
import type { Scope } from '../../operator/model/scope.ts'

/**
 * What each step needs, by the operator's own rules. The status names only what a step waits for now, so the steps are planned once more, from the spec
 * alone: what a step needs follows from that, and nothing of it is built.
 */
export function needsOf({ metadata, spec }: Pick<OpenStackCluster, 'metadata' | 'spec'>): ReadonlyMap<string, readonly string[]> {
  const { name, namespace, uid } = metadata
  const nothing = () => ''
  const scope: Scope = {
    name,
    namespace,
    uid,
    spec,
    reconcileRequestedAt: '',
    nodes: [],
    image: nothing,
    credential: nothing,
    userPassword: nothing,
    namedSecret: () => undefined,
    publicUrl: nothing,
    internalUrl: nothing,
    live: () => undefined,
    pods: () => [],
    said: () => undefined,
    wasReady: () => false,
    outside: () => undefined,
  }
  return new Map(stepsOf(scope).map(({ id, needs }) => [id, needs]))
}
