import { EMPTY_IMAGE, OPERATOR_NAMESPACE, PROGRAMS_FOLDER } from './names.ts'

/** The pods' range; each node gets a /24 of it. */
export const POD_SUBNET = '10.244.0.0/16'
/** The Services' range. */
export const SERVICE_SUBNET = '10.96.0.0/16'
/** CoreDNS' address: the 10th of the Services' range, as everywhere. */
export const DNS_ADDRESS = '10.96.0.10'

/** The version of Kubernetes that `local/go/kubernetes` pins. */
export const KUBERNETES_VERSION = 'v1.34.4'
const ETCD_VERSION = '3.6.16-0'

/** Where the node keeps what kubeadm reads, and what the control plane reads beside kubeadm's own files. */
export const KUBEADM_FOLDER = '/etc/teruwa'
/** A kubelet's serving certificate, signed by the cluster's authority, so that the API server can verify whom it asks. */
export const KUBELET_SERVING = { cert: '/var/lib/kubelet/pki/serving.crt', key: '/var/lib/kubelet/pki/serving.key' }

const TEN_YEARS = '87600h0m0s'
const AUTHENTICATION = `${KUBEADM_FOLDER}/control-plane/authentication.json`
const AUDIT_POLICY = `${KUBEADM_FOLDER}/control-plane/audit.json`

function arg(name: string, value: string): { name: string; value: string } {
  return { name, value }
}

/** kubeadm's flags for a node's kubelet. */
export function kubeletArguments({ address, labels, taints }: KubeletNode): { name: string; value: string }[] {
  const list = (name: string, values: readonly string[]) => (values.length === 0 ? [] : [arg(name, values.toSorted().join(','))])
  const entries = Object.entries(labels).map(([name, value]) => `${name}=${value}`)
  return [arg('node-ip', address), ...list('node-labels', entries), ...list('register-with-taints', taints)]
}

/** What a kubelet must know of its node. */
interface KubeletNode {
  readonly address: string
  readonly labels: Readonly<Record<string, string>>
  readonly taints: readonly string[]
}

/** A kubelet's configuration file; the same on every node. */
function kubeletConfiguration(): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    cgroupDriver: 'cgroupfs',
    failSwapOn: false,
    // A node is a container and may lack CAP_SYS_RESOURCE: no sysctl of the host, no negative score.
    featureGates: { KubeletInUserNamespace: true },
    oomScoreAdj: 0,
    // Docker's own resolver is on a loopback address, which pods can't reach.
    resolvConf: '/etc/resolv.upstream.conf',
    tlsCertFile: KUBELET_SERVING.cert,
    tlsPrivateKeyFile: KUBELET_SERVING.key,
    // Images come from the host's engine and could not be pulled again: the kubelet must never collect them, nor evict
    // pods because the host's disk is 90 % full.
    imageGCHighThresholdPercent: 100,
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '0%', 'nodefs.inodesFree': '0%', 'imagefs.available': '0%', 'imagefs.inodesFree': '0%' },
    serializeImagePulls: false,
    maxPods: 250,
    shutdownGracePeriod: '0s',
  }
}

/** What `kubeadm init --config` reads on the first node: JSON documents, which YAML is a superset of. */
export function kubeadmConfig(node: KubeletNode & { readonly name: string }): string {
  const init = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'InitConfiguration',
    localAPIEndpoint: { advertiseAddress: node.address, bindPort: 6443 },
    nodeRegistration: {
      name: node.name,
      criSocket: 'unix:///run/containerd/containerd.sock',
      kubeletExtraArgs: kubeletArguments(node),
      taints: [],
    },
    patches: { directory: `${KUBEADM_FOLDER}/patches` },
  }
  const cluster = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'ClusterConfiguration',
    kubernetesVersion: KUBERNETES_VERSION,
    clusterName: 'teruwa',
    encryptionAlgorithm: 'ECDSA-P256',
    certificateValidityPeriod: TEN_YEARS,
    caCertificateValidityPeriod: TEN_YEARS,
    networking: { podSubnet: POD_SUBNET, serviceSubnet: SERVICE_SUBNET, dnsDomain: 'cluster.local' },
    apiServer: {
      extraArgs: [
        arg('authentication-config', AUTHENTICATION),
        arg('kubelet-certificate-authority', '/etc/kubernetes/pki/ca.crt'),
        arg('audit-policy-file', AUDIT_POLICY),
        // To the pod's log, which the kubelet keeps short.
        arg('audit-log-path', '-'),
      ],
      extraVolumes: [
        { name: 'teruwa', hostPath: `${KUBEADM_FOLDER}/control-plane`, mountPath: `${KUBEADM_FOLDER}/control-plane`, readOnly: true, pathType: 'Directory' },
      ],
    },
    // There is one of each: a lease would only make a restart wait until it has run out.
    controllerManager: { extraArgs: [arg('leader-elect', 'false')] },
    scheduler: { extraArgs: [arg('leader-elect', 'false')] },
    // Without fsync a crash of the host (not of a container) may lose the last seconds or the whole store: right for a
    // cluster that `npm run up` makes again, and several times quicker on a laptop's disk.
    etcd: { local: { imageTag: ETCD_VERSION, extraArgs: [arg('unsafe-no-fsync', 'true')] } },
  }
  return [init, cluster, kubeletConfiguration()].map((document) => JSON.stringify(document)).join('\n---\n')
}

/** Only the probes' paths answer to somebody unknown. */
export function authenticationConfig(): string {
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'AuthenticationConfiguration',
    anonymous: { enabled: true, conditions: ['/livez', '/readyz', '/healthz'].map((path) => ({ path })) },
  })
}

/** What the operator writes is told, and nothing of what it writes; so one can see that it writes nothing when nothing has changed. */
export function auditPolicy(): string {
  return JSON.stringify({
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [
      { level: 'Metadata', userGroups: [`system:serviceaccounts:${OPERATOR_NAMESPACE}`], verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] },
      { level: 'None' },
    ],
  })
}

/** Mounts the node's programs, so that no image needs to carry 100 MB that the node has anyway. */
export function programs(): { volume: object; mount: object } {
  return {
    volume: { name: 'programs', hostPath: { path: PROGRAMS_FOLDER, type: 'Directory' } },
    mount: { name: 'programs', mountPath: '/usr/local/bin', readOnly: true },
  }
}

/** Patches of kubeadm's static pods by file name: image, programs, and requests that leave room for the cloud on two cores. */
export function staticPodPatches(): Record<string, string> {
  const requests: Record<string, string> = {
    'kube-apiserver': '100m',
    'kube-controller-manager': '50m',
    'kube-scheduler': '25m',
    etcd: '50m',
  }
  const { volume, mount } = programs()
  return Object.fromEntries(
    Object.entries(requests).map(([name, cpu]) => [
      `${name}+strategic.json`,
      JSON.stringify({
        spec: {
          securityContext: { runAsUser: 0 },
          containers: [{ name, image: EMPTY_IMAGE, resources: { requests: { cpu } }, volumeMounts: [mount] }],
          volumes: [volume],
        },
      }),
    ]),
  )
}
