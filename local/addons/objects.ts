/** Tolerations of what runs on every node, whatever its taints. */
export const everywhere = [{ operator: 'Exists' }]

/** A ServiceAccount. */
export function serviceAccount(namespace: string, name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } }
}

/** A ClusterRoleBinding of a ClusterRole to a ServiceAccount. */
export function binding(name: string, role: string, account: { namespace: string; name: string }): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  }
}

/** A ClusterRole. */
export function clusterRole(name: string, rules: readonly object[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules }
}

/** A ConfigMap. */
export function configMap(namespace: string, name: string, data: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data }
}
