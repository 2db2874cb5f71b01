import { apiVersion, kind, labels, manager } from '../api/v1alpha1/index.ts'
import type { ObjectMeta } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'

/** Whose an object is. */
export type Owner = Pick<Scope, 'name' | 'namespace' | 'uid'>

/** Labels that select the pods of one app of one cluster; never changed, since selectors are immutable. */
export function selector(scope: Pick<Owner, 'name'>, app: string): Record<string, string> {
  return { [labels.name]: app, [labels.partOf]: scope.name }
}

/**
 * Metadata of an object of a cluster: deterministic name, the recommended labels, and the cluster as its controller, so that it goes with it.
 * `kept` ones have no owner: they hold what may survive the cluster, and its deletion says whether they do.
 */
export function metadata(scope: Owner, name: string, service: string, options: { readonly kept?: boolean } = {}): ObjectMeta {
  const owner = { apiVersion, kind, name: scope.name, uid: scope.uid, controller: true, blockOwnerDeletion: true }
  return {
    name,
    namespace: scope.namespace,
    labels: { ...selector(scope, name), [labels.component]: service, [labels.managedBy]: manager },
    ...(options.kept ? {} : { ownerReferences: [owner] }),
  }
}
