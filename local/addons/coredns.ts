import { DNS_ADDRESS, programs } from '../kubeadm.ts'
import { EMPTY_IMAGE } from '../names.ts'
import { binding, clusterRole, configMap, serviceAccount } from './objects.ts'

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
                resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
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
