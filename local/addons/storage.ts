import { programs } from '../kubeadm.ts'
import { EMPTY_IMAGE, LOCAL_PATH_FOLDER, SHELL_IMAGE } from '../names.ts'
import { binding, clusterRole, configMap, everywhere, serviceAccount } from './objects.ts'

/** local-path-provisioner and the default StorageClass: a volume is a folder of the node that its first pod runs on. */
export function localPathStorage(): object[] {
  const namespace = 'local-path-storage'
  const name = 'local-path-provisioner'
  const labels = { app: name }
  const { volume, mount } = programs()
  const helper = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'helper-pod' },
    spec: {
      priorityClassName: 'system-node-critical',
      tolerations: everywhere,
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'helper-pod', image: SHELL_IMAGE, imagePullPolicy: 'IfNotPresent' }],
    },
  }
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    serviceAccount(namespace, name),
    clusterRole(name, [
      { apiGroups: [''], resources: ['nodes', 'persistentvolumeclaims', 'configmaps', 'pods', 'pods/log'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['persistentvolumes'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'] },
      { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
      { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: ['get', 'list', 'watch'] },
    ]),
    binding(name, name, { namespace, name }),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { namespace, name },
      rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete'] }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace, name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name },
      subjects: [{ kind: 'ServiceAccount', namespace, name }],
    },
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: 'local-path', annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
      provisioner: 'rancher.io/local-path',
      volumeBindingMode: 'WaitForFirstConsumer',
      reclaimPolicy: 'Delete',
    },
    configMap(namespace, 'local-path-config', {
      'config.json': JSON.stringify({ nodePathMap: [{ node: 'DEFAULT_PATH_FOR_NON_LISTED_NODES', paths: [LOCAL_PATH_FOLDER] }] }),
      setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"\n',
      teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"\n',
      'helperPod.yaml': JSON.stringify(helper),
    }),
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace, name, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name,
                image: EMPTY_IMAGE,
                command: ['/usr/local/bin/local-path-provisioner', 'start', '--config=/etc/config/config.json', `--service-account-name=${name}`],
                env: [
                  { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                  { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
                ],
                resources: { requests: { cpu: '10m', memory: '32Mi' } },
                volumeMounts: [mount, { name: 'config', mountPath: '/etc/config' }],
              },
            ],
            volumes: [volume, { name: 'config', configMap: { name: 'local-path-config' } }],
          },
        },
      },
    },
  ]
}
