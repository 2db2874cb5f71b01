import { POD_SUBNET, programs } from '../kubeadm.ts'
import { EMPTY_IMAGE, PROGRAMS_FOLDER } from '../names.ts'
import { binding, configMap, everywhere, serviceAccount } from './objects.ts'

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
                // Without a request it would get what everybody else leaves, and Services would lag behind their pods on a busy node.
                resources: { requests: { cpu: '100m', memory: '48Mi' } },
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
