import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { CommandOptions } from '../command.ts'
import { CLUSTER_LABEL, docker } from '../docker.ts'
import { LOCAL_PATH_FOLDER, PROGRAMS_FOLDER } from '../names.ts'
import { boundingSet, capabilityNames } from './capabilities.ts'

// Its reaper is an image of a registry, and a cloud outlives the process that started it. Read at import, hence before it.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
const { GenericContainer, Wait } = await import('testcontainers')

/** What a node's container needs to know. */
export interface NodeSpec {
  readonly cluster: string
  readonly name: string
  readonly image: string
  /** The host's folder with the programs of `ensurePrograms`. */
  readonly programs: string
  /** Fixed, so that certificates and routes hold when the container is started again. */
  readonly address: string
  readonly gateway: string
  readonly podSubnet: string
  readonly serviceSubnet: string
  readonly managementNetwork: string
  readonly providerNetwork: string
  /** DNS servers that pods can reach. */
  readonly dns: readonly string[]
}

/** Devices that a node gets where the host has them: kubelet's log of the kernel, tunnels, FUSE, and hardware virtualisation. */
const DEVICES = ['/dev/kmsg', '/dev/net/tun', '/dev/fuse', '/dev/kvm', '/dev/vhost-net']

/** Folders that need a real file system below: containerd's overlays can't be stacked on Docker's own. */
const VOLUMES = { containerd: '/var/lib/containerd', kubelet: '/var/lib/kubelet', etcd: '/var/lib/etcd', storage: LOCAL_PATH_FOLDER }

const STARTUP_MS = 60_000

/** A node of the embedded Kubernetes: what `--privileged` is used for elsewhere, without it. */
class NodeContainer extends GenericContainer {
  readonly #spec: NodeSpec
  readonly #options: CommandOptions

  constructor(spec: NodeSpec, capabilities: readonly string[], options: CommandOptions) {
    super(spec.image)
    this.#spec = spec
    this.#options = options
    const labels = { [CLUSTER_LABEL]: spec.cluster }
    this.withName(spec.name)
      .withHostname(spec.name)
      .withUser('0:0')
      .withCommand(['/opt/teruwa/entrypoint'])
      .withLabels(labels)
      .withEnvironment({
        NODE_ADDRESS: spec.address,
        NODE_GATEWAY: spec.gateway,
        POD_SUBNET: spec.podSubnet,
        SERVICE_SUBNET: spec.serviceSubnet,
        NODE_DNS: spec.dns.join(' '),
        PATH: `${PROGRAMS_FOLDER}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        HOME: '/root',
      })
      // Refused where the machine itself lacks CAP_SYS_RESOURCE are --privileged and ALL, not a list of what it has.
      .withAddedCapabilities(...capabilities)
      .withSecurityOpt('seccomp=unconfined', 'apparmor=unconfined')
      .withTmpFs({ '/run': 'exec,mode=755', '/tmp': 'exec,mode=1777' })
      .withNetworkMode(spec.managementNetwork)
      .withWaitStrategy(Wait.forLogMessage('node: containerd answers'))
      .withStartupTimeout(STARTUP_MS)
    Object.assign(this.createOpts, {
      NetworkingConfig: { EndpointsConfig: { [spec.managementNetwork]: { IPAMConfig: { IPv4Address: spec.address } } } },
    })
    Object.assign(this.hostConfig, {
      // What the docker client makes of `--security-opt systempaths=unconfined`: pods mount their own /proc and write below /proc/sys.
      MaskedPaths: [],
      ReadonlyPaths: [],
      // A cgroup namespace of its own: kubelets of two nodes must not clear up each other's pods, and Docker removes all of it.
      CgroupnsMode: 'private',
      DeviceCgroupRules: ['a *:* rwm'],
      Devices: DEVICES.filter((path) => existsSync(path)).map((path) => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' })),
      Mounts: [
        { Type: 'bind', Source: spec.programs, Target: PROGRAMS_FOLDER, ReadOnly: true },
        ...Object.entries(VOLUMES).map(([name, Target]) => ({
          Type: 'volume',
          Source: `${spec.name}-${name}`,
          Target,
          VolumeOptions: { Labels: labels },
        })),
      ],
    })
  }

  /** Docker's older engines take one network at creation; the second one is connected before the start, so that it is eth1. */
  protected override async containerCreated(id: string): Promise<void> {
    await docker(['network', 'connect', this.#spec.providerNetwork, id], this.#options)
  }
}

/** Creates and starts the container of a node; resolves when its containerd answers. */
export async function startNodeContainer(spec: NodeSpec, options: { signal?: AbortSignal } = {}): Promise<void> {
  options.signal?.throwIfAborted()
  const capabilities = capabilityNames(boundingSet(await readFile('/proc/self/status', 'utf8')))
  await new NodeContainer(spec, capabilities, options).start()
}
