import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { coreDns } from './addons/coredns.ts'
import { kubeProxy } from './addons/kube-proxy.ts'
import { localPathStorage } from './addons/storage.ts'
import { addressOf, formatCidr } from './cidr.ts'
import { ensurePrograms, programsAreBuilt } from './build.ts'
import type { LabelledContainer } from './docker.ts'
import { clusterContainers, docker, removeLabelled } from './docker.ts'
import { raiseLimits } from './host-limits.ts'
import { ensureGo, ensureHost, upstreamDns } from './host.ts'
import { POD_SUBNET, SERVICE_SUBNET } from './kubeadm.ts'
import type { Kubectl } from './kubectl.ts'
import { kubectlOf, waitForServer } from './kubectl.ts'
import type { LoadOptions } from './load-images.ts'
import { loadImages } from './load-images.ts'
import type { ClusterNetworks } from './networks.ts'
import { ensureNetworks } from './networks.ts'
import type { NodePlan, NodeRole } from './node/control-plane.ts'
import { adminKubeconfig, ensureControlPlane } from './node/control-plane.ts'
import { nodeImage } from './node/image.ts'
import { ensureJoined } from './node/join.ts'
import { ensureNodeContainer } from './node/nodes.ts'
import { ensurePodNetwork } from './node/pod-network.ts'
import type { Step, Steps } from './progress.ts'
import { createProgress } from './progress.ts'
import { ensureLabels, waitForAddons, waitForNodes } from './ready.ts'
import { sideBySide } from './side-by-side.ts'

/** What an embedded cluster shall be. */
export interface ClusterOptions {
  /** Part of the names of its containers, networks and volumes, and the value of their label. */
  name: string
  /** How many nodes; the first is the control plane and takes pods, too. 1 by default; a cluster that has more keeps them. */
  nodes?: number
  /** The management network's range (/24); the first free one of `MANAGEMENT_RANGES` by default. */
  managementCidr?: string
  /** The provider network's range; the first free one of `PROVIDER_RANGES` by default. */
  providerCidr?: string
  /** What a node is for, by its place among `count`, 0 for the first. Labels are set on nodes that are there already, too; taints only on new ones. */
  role?: (index: number, count: number) => Partial<NodeRole>
  /** Where the steps are shown. */
  progress?: Steps
  signal?: AbortSignal
}

/** A node of an embedded cluster: a Docker container. */
export interface ClusterNode {
  /** The node's name in Kubernetes and of its container in Docker. */
  readonly name: string
  /** Its address in the management network, reachable from the host. */
  readonly address: string
}

/** An embedded cluster that answers. */
export interface Cluster {
  readonly name: string
  readonly nodes: readonly ClusterNode[]
  /** A kubeconfig (its text) with an administrator's client certificate, for use on this host. */
  readonly kubeconfig: string
  /** A kubectl of the cluster's version for this host. */
  readonly kubectl: string
  readonly managementCidr: string
  /** The provider network: its range, the address that the host has in it, and the nodes' interface in it. */
  readonly provider: { readonly cidr: string; readonly gateway: string; readonly interface: string }
  /** Sentences on ranges that could not be taken, and on what was changed on the host. */
  readonly notes: readonly string[]
  /** Brings images of the Docker engine to every node that lacks them. Returns what was brought to at least one. */
  readonly loadImages: (references: readonly string[], options?: LoadOptions) => Promise<string[]>
}

/** The first node's place in the management range: 10.20.20.11 in the course's. */
const FIRST_ADDRESS = 11
const MAX_NODES = 32

/** How long a step of Kubernetes itself may take before it is taken for stuck. Generous: the host may be busy with builds. */
const PATIENCE_MS = 300_000

/**
 * Makes an embedded cluster, or goes on with what an interrupted call left, or starts what was stopped; returns when every node is ready
 * and Services and DNS work. Quick when all is there.
 */
export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const { name, nodes: count = 1, signal } = options
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(name)) throw new Error(`"${name}" is no name of a cluster: expected up to 31 lower-case letters, digits and dashes`)
  if (!Number.isInteger(count) || count < 1 || count > MAX_NODES) throw new Error(`A cluster of ${count} nodes cannot be made: expected 1 to ${MAX_NODES}`)
  const steps = options.progress ?? createProgress({ write: () => true }, { tty: false })
  const limits = await steps.step('host', async (step) => {
    await ensureHost({ onUpdate: step.update, signal })
    return raiseLimits()
  })
  const existing = await clusterContainers(name, signal)
  const { programs, image } = await ensureParts(steps, existing.length < count, signal)
  const networks = await ensureNetworks({ name, managementCidr: options.managementCidr, providerCidr: options.providerCidr, signal })
  const plans = planNodes(options, networks, Math.max(count, existing.length))
  await startNodes(steps, plans, existing, { programs, image, networks, cluster: name }, signal)
  const [first] = plans
  if (!first) throw new RangeError('a cluster has a first node')
  const kubectl = join(programs, 'kubectl')
  const kubeconfig = await startKubernetes(steps, plans, first, kubectl, name, signal)
  return {
    name,
    nodes: plans.map(({ name, address }) => ({ name, address })),
    kubeconfig,
    kubectl,
    managementCidr: formatCidr(networks.management.cidr),
    provider: { cidr: formatCidr(networks.provider.cidr), gateway: networks.provider.gateway, interface: 'eth1' },
    notes: [...networks.notes, ...limits, ...otherImages(existing, image)],
    loadImages: (references, options) =>
      loadImages(
        plans.map(({ name }) => name),
        references,
        options,
      ),
  }
}

/** Removes an embedded cluster: its containers, networks and volumes. Returns what was removed. */
export function deleteCluster(name: string, signal?: AbortSignal): Promise<string[]> {
  return removeLabelled(name, signal)
}

/**
 * The programs and the nodes' image, built side by side: one keeps the cores busy, the other the network. Nodes that are there already
 * need no image.
 */
async function ensureParts(steps: Steps, newNodes: boolean, signal?: AbortSignal): Promise<{ programs: string; image: string }> {
  const image = await nodeImage()
  // Both want it; two installations at once would wait for each other's locks, or fail by them.
  if (!(await programsAreBuilt())) await steps.step('go', (step) => ensureGo({ onUpdate: step.update, signal }))
  let programs = ''
  await sideBySide(signal, [
    async (signal) => {
      programs = await steps.step('kubernetes programs', (step) => ensurePrograms({ onUpdate: step.update, signal }))
    },
    async (signal) => {
      if (newNodes) await steps.step('node image', (step) => image.ensure({ onUpdate: step.update, signal }))
    },
  ])
  return { programs, image: image.reference }
}

function planNodes(options: ClusterOptions, { management }: ClusterNetworks, count: number): NodePlan[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `${options.name}-node-${index + 1}`,
    address: addressOf(management.cidr, FIRST_ADDRESS + index),
    labels: {},
    taints: [],
    ...options.role?.(index, count),
  }))
}

async function startNodes(
  steps: Steps,
  plans: readonly NodePlan[],
  existing: readonly LabelledContainer[],
  parts: { programs: string; image: string; networks: ClusterNetworks; cluster: string },
  signal?: AbortSignal,
): Promise<void> {
  const { networks, ...shared } = parts
  const dns = await upstreamDns()
  const spec = ({ name, address }: NodePlan) => ({
    ...shared,
    name,
    address,
    dns,
    podSubnet: POD_SUBNET,
    serviceSubnet: SERVICE_SUBNET,
    gateway: networks.management.gateway,
    managementNetwork: networks.management.name,
    providerNetwork: networks.provider.name,
  })
  await steps.step('node containers', () =>
    sideBySide(
      signal,
      plans.map((plan) => (signal: AbortSignal) => {
        const container = existing.find(({ name }) => name === plan.name)
        return ensureNodeContainer(container, spec(plan), signal)
      }),
    ),
  )
}

async function startKubernetes(
  steps: Steps,
  plans: readonly NodePlan[],
  first: NodePlan,
  program: string,
  cluster: string,
  signal?: AbortSignal,
): Promise<string> {
  const patiently = <T>(what: string, run: (signal: AbortSignal) => Promise<T>) => withPatience(what, plans, run, signal)
  await steps.step('control plane', (step) => patiently('The control plane', (signal) => ensureControlPlane(first, step, signal)))
  const kubeconfig = await adminKubeconfig(first, signal)
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-kubectl-'))
  try {
    const file = join(folder, 'kubeconfig')
    await writeFile(file, kubeconfig, { mode: 0o600 })
    const kubectl = kubectlOf(program, file)
    await steps.step('nodes', (step) => patiently('A node', (signal) => startPods(step, plans, first, kubectl, cluster, signal)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return kubeconfig
}

async function startPods(step: Step, plans: readonly NodePlan[], first: NodePlan, kubectl: Kubectl, cluster: string, signal: AbortSignal): Promise<void> {
  step.update('the API server answers')
  await waitForServer(kubectl, signal)
  const server = `https://${first.address}:6443`
  const upstream = (await upstreamDns()).length > 0
  step.update('joining, add-ons')
  await sideBySide(signal, [
    async (signal) => kubectl.apply([...kubeProxy(server), ...coreDns(upstream)], signal),
    async (signal) => {
      await Promise.all(plans.filter((plan) => plan !== first).map((plan) => ensureJoined(first, plan, signal)))
      await ensurePodNetwork(plans, kubectl, signal)
    },
  ])
  const started = await clusterContainers(cluster, signal)
  step.update('ready')
  await waitForNodes(started, kubectl, signal)
  await ensureLabels(plans, kubectl, signal)
  step.update('Services and DNS')
  await waitForAddons(started, kubectl, signal)
  // It ends when it can't reach the API server's Service at once, and is then started again only after a while.
  await kubectl.apply(localPathStorage(), signal)
}

/** Gives up after a while, with the end of the kubelets' logs: what is stuck there is seldom told elsewhere. */
async function withPatience<T>(what: string, plans: readonly NodePlan[], run: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(PATIENCE_MS)
  try {
    return await run(signal ? AbortSignal.any([signal, timeout]) : timeout)
  } catch (error) {
    if (!timeout.aborted || signal?.aborted) throw error
    const logs = await Promise.all(
      plans.map(async ({ name }) => `${name}:\n${await docker(['exec', name, 'tail', '-n', '8', '/var/log/kubelet.log']).catch(String)}`),
    )
    throw new Error(`${what} is not ready after ${PATIENCE_MS / 1000} s. The end of the kubelets' logs:\n${logs.join('\n')}`, { cause: error })
  }
}

function otherImages(existing: readonly LabelledContainer[], image: string): string[] {
  const old = existing.filter((container) => container.image !== image).map(({ name }) => name)
  return old.length === 0 ? [] : [`${old.join(', ')} was made from an earlier node image and is kept: "npm run down" first takes the new one`]
}
