import { DNS_ADDRESS, POD_SUBNET, programs } from './kubeadm.ts'
import { EMPTY_IMAGE, LOCAL_PATH_FOLDER, PROGRAMS_FOLDER, SHELL_IMAGE } from './names.ts'

const everywhere = [{ operator: 'Exists' }]

function serviceAccount(namespace: string, name: string): object {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } }
}

function binding(name: string, role: string, account: { namespace: string; name: string }): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  }
}

function clusterRole(name: string, rules: readonly object[]): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules }
}

function configMap(namespace: string, name: string, data: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data }
}

/** kube-proxy as kubeadm runs it, with the node's own iptables. */
export function kubeProxy(apiServer: string): object[] {
  const labels = { 'k8s-app': 'kube-proxy' }
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'default', cluster: { server: apiServer, 'certificate-authority': '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' } }],
    users: [{ name: 'default', user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' } }],
    contexts: [{ name: 'default', context: { cluster: 'default', user: 'default', namespace: 'default' } }],
    'current-context': 'default',
  }
  const configuration = {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'iptables',
    clusterCIDR: POD_SUBNET,
    clientConnection: { kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf' },
    // conntrack's limits belong to the host, and a node may not lower its own score.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    oomScoreAdj: 0,
    // The default of 1 s between two writes of the rules is what a new Service's first connection would wait for.
    iptables: { minSyncPeriod: '100ms' },
  }
  // iptables and what it is linked with; /lib and /lib64 are links into /usr, which the empty image does not have.
  const host = ['/usr', '/lib', '/lib64', '/etc/alternatives']
  const { volume, mount } = programs()
  return [
    serviceAccount('kube-system', 'kube-proxy'),
    binding('kubeadm:node-proxier', 'system:node-proxier', { namespace: 'kube-system', name: 'kube-proxy' }),
    configMap('kube-system', 'kube-proxy', { 'kubeconfig.conf': JSON.stringify(kubeconfig), 'config.conf': JSON.stringify(configuration) }),
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { namespace: 'kube-system', name: 'kube-proxy', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            priorityClassName: 'system-node-critical',
            serviceAccountName: 'kube-proxy',
            hostNetwork: true,
            tolerations: everywhere,
            securityContext: { runAsUser: 0 },
            containers: [
              {
                name: 'kube-proxy',
                image: EMPTY_IMAGE,
                command: [`${PROGRAMS_FOLDER}/kube-proxy`, '--config=/var/lib/kube-proxy/config.conf', '--hostname-override=$(NODE_NAME)'],
                env: [
                  { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
                  { name: 'PATH', value: '/usr/sbin:/usr/bin' },
                ],
                securityContext: { privileged: true },
                volumeMounts: [
                  { ...mount, mountPath: PROGRAMS_FOLDER },
                  { name: 'config', mountPath: '/var/lib/kube-proxy' },
                  { name: 'run', mountPath: '/run' },
                  ...host.map((path, i) => ({ name: `host-${i}`, mountPath: path, readOnly: true })),
                ],
              },
            ],
            volumes: [
              volume,
              { name: 'config', configMap: { name: 'kube-proxy' } },
              // xtables.lock, so that kube-proxy, CNI plugins and Neutron's agents don't write at once.
              { name: 'run', hostPath: { path: '/run' } },
              ...host.map((path, i) => ({ name: `host-${i}`, hostPath: { path } })),
            ],
          },
        },
      },
    },
  ]
}

function probe(path: string, port: number): object {
  return { httpGet: { path, port, scheme: 'HTTP' } }
}

/** CoreDNS with kubeadm's Corefile; `upstream` says whether names outside of the cluster can be asked for anywhere. */
export function coreDns(upstream: boolean): object[] {
  const labels = { 'k8s-app': 'kube-dns' }
  const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
${upstream ? '    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n' : ''}    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`
  const { volume, mount } = programs()
  return [
    serviceAccount('kube-system', 'coredns'),
    clusterRole('system:coredns', [
      { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
    ]),
    binding('system:coredns', 'system:coredns', { namespace: 'kube-system', name: 'coredns' }),
    configMap('kube-system', 'coredns', { Corefile: corefile }),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'kube-system', name: 'kube-dns', labels: { ...labels, 'kubernetes.io/name': 'CoreDNS' } },
      spec: {
        clusterIP: DNS_ADDRESS,
        selector: labels,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { namespace: 'kube-system', name: 'coredns', labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            priorityClassName: 'system-cluster-critical',
            serviceAccountName: 'coredns',
            dnsPolicy: 'Default',
            tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
            containers: [
              {
                name: 'coredns',
                image: EMPTY_IMAGE,
                command: ['/usr/local/bin/coredns', '-conf', '/etc/coredns/Corefile'],
                resources: { requests: { cpu: '50m', memory: '70Mi' }, limits: { memory: '170Mi' } },
                securityContext: {
                  runAsUser: 0,
                  allowPrivilegeEscalation: false,
                  capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                  readOnlyRootFilesystem: true,
                },
                livenessProbe: { ...probe('/health', 8080), initialDelaySeconds: 60, timeoutSeconds: 5 },
                readinessProbe: { ...probe('/ready', 8181), periodSeconds: 1, timeoutSeconds: 5 },
                volumeMounts: [mount, { name: 'config', mountPath: '/etc/coredns', readOnly: true }],
              },
            ],
            volumes: [volume, { name: 'config', configMap: { name: 'coredns' } }],
          },
        },
      },
    },
  ]
}

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
