import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { annotations } from '../../operator/api/v1alpha1/index.ts'
import { parseCidr } from '../../local/cidr.ts'
import { deleteCluster } from '../../local/cluster.ts'
import type { Cluster } from '../../local/cluster.ts'
import { docker } from '../../local/docker.ts'
import { ensureHost } from '../../local/host.ts'
import { kubectlOf } from '../../local/kubectl.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { createProgress } from '../../local/progress.ts'
import { LOCAL_FOLDER } from '../../local/up/access.ts'
import { mergeClouds } from '../../plugin/access.ts'
import { CEPH_IMAGE, installCeph, withCeph } from '../../local/up/ceph.ts'
import { installDefinitions, installOperator, OPERATOR } from '../../local/up/install.ts'
import { COURSE_PROVIDER, declaredCloud, moveRange, readManifest } from '../../local/up/manifest.ts'
import type { ManifestObject } from '../../local/up/manifest.ts'
import { RecordedSteps } from '../../local/up/steps.ts'
import { embeddedCluster, podImages } from '../../local/up/target.ts'
import type { Check } from '../../local/verify/check.ts'
import type { HypervisorStatus, OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { ensureOpenStackClient, OpenStackClient } from '../../local/verify/client.ts'
import { verify } from '../../local/verify/verify.ts'
import type { CheckResult } from '../../plugin/verify/check.ts'

/** The tests' own embedded cluster: beside that of `npm run up`, which it never touches. */
export const CLUSTER = 'teruwa-e2e'
export const NAMESPACE = 'openstack'
export const CLOUD = 'teruwa'
/** Keeps all but the cloud's agents away from a node. */
export const GUESTS_ONLY = 'openstack.teruwa.io/hypervisor=:NoSchedule'

/** What is left of a failed run, for a person to read. */
const FAILURES = join(LOCAL_FOLDER, 'e2e-failure')

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels: Readonly<Record<string, string>> }
  readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] }
}

/** A Kubernetes with the operator on it, and the ways to look at it. */
export class Environment {
  readonly cluster: Cluster
  readonly kubectl: Kubectl
  readonly folder: string
  /** The documents of manifests/cluster.yaml, with the provider network where this cluster has it. */
  readonly manifest: readonly ManifestObject[]
  /** Full references of the images by their short names. */
  readonly #references: Readonly<Record<string, string>>

  constructor(cluster: Cluster, kubectl: Kubectl, folder: string, manifest: readonly ManifestObject[], references: Readonly<Record<string, string>>) {
    this.cluster = cluster
    this.kubectl = kubectl
    this.folder = folder
    this.manifest = manifest
    this.#references = references
  }

  /** Makes the cluster anew, with all images and the operator, and no cloud. */
  static async create(): Promise<Environment> {
    const progress = createProgress(process.stdout)
    try {
      await ensureHost()
      await deleteCluster(CLUSTER)
      const images = [...podImages, CEPH_IMAGE]
      // The second node can go away and the cloud stays. It is no hypervisor yet: a label alone makes it one.
      const role = (index: number) => (index === 0 ? {} : { taints: [GUESTS_ONLY] })
      const { cluster, references } = await embeddedCluster(
        new RecordedSteps(progress),
        { name: CLUSTER, nodes: 2, images, role },
        new AbortController().signal,
      )
      const folder = await mkdtemp(join(tmpdir(), 'teruwa-e2e-'))
      const kubeconfig = join(folder, 'kubeconfig')
      await writeFile(kubeconfig, cluster.kubeconfig, { mode: 0o600 })
      const kubectl = kubectlOf(cluster.kubectl, kubeconfig)
      await progress.step('operator', async () => {
        await installDefinitions(kubectl)
        const [repository = '', tag = ''] = (references['operator'] ?? '').split(/:(?=[^:/]*$)/)
        await installOperator({ repository, tag }, kubeconfig)
      })
      const declared = withCeph(await readManifest(join(import.meta.dirname, '../../manifests/cluster.yaml')))
      const manifest = moveRange(declared, COURSE_PROVIDER, parseCidr(cluster.provider.cidr))
      await progress.step('ceph', async () => {
        await kubectl.apply(manifest.filter(({ kind }) => kind === 'Namespace'))
        await installCeph(kubectl, references[CEPH_IMAGE] ?? '', NAMESPACE)
      })
      return new Environment(cluster, kubectl, folder, manifest, references)
    } finally {
      progress.close()
    }
  }

  async close(): Promise<void> {
    await deleteCluster(CLUSTER)
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Names of the two nodes, which are those of their containers, too. The first is the network node and a hypervisor from the start. */
  get nodes(): [first: string, second: string] {
    const [first, second] = this.cluster.nodes
    if (first === undefined || second === undefined) throw new Error(`expected two nodes, the cluster has ${this.cluster.nodes.length}`)
    return [first.name, second.name]
  }

  /** The same object with the tags of its images, which a manifest leaves out. */
  withImages(object: ManifestObject): ManifestObject {
    const complete = (key: string, value: unknown) =>
      key === 'image' && typeof value === 'string' ? (this.#references[value.replace(/^teruwa\//, '')] ?? value) : value
    return JSON.parse(JSON.stringify(object), complete) as ManifestObject
  }

  /** Runs kubectl in the cloud's namespace. */
  in(...args: readonly string[]): Promise<string> {
    return this.kubectl.run(['--namespace', NAMESPACE, ...args])
  }

  /** Objects of a kind in the cloud's namespace. */
  async list<T>(kind: string, ...more: readonly string[]): Promise<T[]> {
    const { items } = JSON.parse(await this.in('get', kind, '-o', 'json', ...more)) as { items: T[] }
    return items
  }

  /** The cloud's pods of certain labels, each with its containers' restarts: what stays the same where nothing was touched. */
  async runningPods(wanted: (labels: Readonly<Record<string, string>>) => boolean): Promise<string[]> {
    const pods = await this.list<Pod>('pods', '-l', `app.kubernetes.io/part-of=${CLOUD}`)
    return pods
      .filter(({ metadata }) => wanted(metadata.labels))
      .map(({ metadata, status }) => `${metadata.name} ${metadata.uid} ${status.containerStatuses?.map(({ restartCount }) => restartCount).join()}`)
      .toSorted()
  }

  /** What the operator shows of a hypervisor. */
  async hypervisor(node: string): Promise<{ readonly status: HypervisorStatus & { readonly since: string } }> {
    return JSON.parse(await this.in('get', 'hypervisor', node, '-o', 'json')) as { status: HypervisorStatus & { since: string } }
  }

  /** What the operator tells Prometheus. */
  metrics(): Promise<string> {
    return this.kubectl.run(['get', '--raw', `/api/v1/namespaces/${OPERATOR.namespace}/services/teruwa-metrics:metrics/proxy/metrics`])
  }

  /** A part of the cloud, by a JSONPath of kubectl's. */
  async part<T>(path: string): Promise<T> {
    return JSON.parse(await this.in('get', 'openstackcluster', CLOUD, '-o', `jsonpath=${path}`)) as T
  }

  /** Changes the cloud's spec by a JSON merge patch. */
  async change(spec: object): Promise<void> {
    await this.in('patch', 'openstackcluster', CLOUD, '--type=merge', '-p', JSON.stringify({ spec }))
  }

  /** Deletes the cloud, with guests and all, and waits for its end. */
  async deleteCloud(seconds: number): Promise<void> {
    await this.in('annotate', 'openstackcluster', CLOUD, `${annotations.confirmDeletion}=${CLOUD}`, '--overwrite')
    await this.in('delete', 'openstackcluster', CLOUD, `--timeout=${seconds}s`)
  }

  /** Waits until the cloud is as `wanted` says; fails with what it was last. */
  async until(what: string, seconds: number, wanted: (cluster: OpenStackCluster) => boolean): Promise<OpenStackCluster> {
    let last: OpenStackCluster | undefined
    const timeout = AbortSignal.timeout(seconds * 1000)
    try {
      await this.kubectl.watchObject(
        ['openstackclusters.openstack.teruwa.io', CLOUD, '--namespace', NAMESPACE],
        (object) => {
          last = object as OpenStackCluster
          return wanted(last)
        },
        timeout,
      )
    } catch (error) {
      if (!timeout.aborted) throw error
      const open = last?.status?.steps?.filter(({ state }) => state !== 'Ready').map(({ id, state, message }) => `  ${id} ${state}: ${message ?? ''}`) ?? []
      const ready = conditionOf(last, 'Ready')
      throw new Error(
        `expected ${what} within ${seconds} s; Ready is ${ready?.status} (${ready?.reason}: ${ready?.message})\n${open.join('\n')}\nlogs and events are collected in ${FAILURES}`,
        { cause: error },
      )
    }
    if (last === undefined) throw new Error('the cloud was never seen')
    return last
  }

  /** Waits until the cloud says of its present generation that it is Ready. */
  ready(seconds: number): Promise<OpenStackCluster> {
    return this.until('the cloud to be Ready', seconds, (cluster) => {
      const ready = conditionOf(cluster, 'Ready')
      return ready?.status === 'True' && ready.observedGeneration === cluster.metadata.generation
    })
  }

  /** Runs a shell script on each node; what they print, one after the other. */
  async onNodes(script: string): Promise<string> {
    return (await Promise.all(this.nodes.map((node) => docker(['exec', node, 'sh', '-c', script])))).join('')
  }

  /** The stock client as one of the cloud's users; `admin` is the administrator. */
  async client(user: string): Promise<OpenStackClient> {
    return new OpenStackClient({
      program: await ensureOpenStackClient(),
      cloudsFile: await this.cloudsFile(),
      cloud: user === 'admin' ? CLOUD : `${CLOUD}-${user}`,
    })
  }

  /** A clouds.yaml with the administrator and each declared user. */
  async cloudsFile(): Promise<string> {
    const file = join(this.folder, 'clouds.yaml')
    const clouds = async (secret: string) => (await this.secret(secret))['clouds.yaml'] ?? ''
    const { users } = declaredCloud(this.manifest, 'manifests/cluster.yaml')
    const accesses = await Promise.all(users.map(async (user) => ({ as: [`${CLOUD}-${user}`], clouds: await clouds(`${CLOUD}-user-${user}`) })))
    await writeFile(file, mergeClouds([{ as: [CLOUD], clouds: await clouds(`${CLOUD}-admin`) }, ...accesses]), { mode: 0o600 })
    return file
  }

  /** The texts of a Secret. */
  async secret(name: string): Promise<Record<string, string>> {
    const { data = {} } = JSON.parse(await this.in('get', 'secret', name, '-o', 'json')) as { data?: Record<string, string> }
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
  }

  /** Makes the course's checks, or some of them. */
  async verify(checks?: readonly Check[]): Promise<CheckResult[]> {
    const silent = {
      step: <T>(_name: string, run: (step: never) => Promise<T>): Promise<T> => run(quiet as never),
      set: () => undefined,
      note: () => undefined,
    }
    const quiet = { ...silent, update: () => undefined, wait: () => undefined }
    return verify({ kubectl: this.kubectl, cloudsFile: await this.cloudsFile(), progress: silent, ...(checks ? { checks } : {}) })
  }

  /** Writes events, logs and the CR into a folder, for whoever looks into a failure. Returns the folder. */
  async collect(): Promise<string> {
    await rm(FAILURES, { recursive: true, force: true })
    await mkdir(FAILURES, { recursive: true })
    const keep = async (file: string, output: Promise<string>) => writeFile(join(FAILURES, file), await output.catch((error: unknown) => String(error)))
    await Promise.all([
      keep('openstackcluster.yaml', this.in('get', 'openstackcluster', '-o', 'yaml')),
      keep('objects.txt', this.kubectl.run(['get', 'all,pvc,nodes', '-A', '-o', 'wide'])),
      keep('events.txt', this.kubectl.run(['events', '-A'])),
      keep('operator.log', this.kubectl.run(['--namespace', OPERATOR.namespace, 'logs', 'deployment/teruwa', '--tail=2000'])),
      keep('network.txt', this.onNodes('ip -br address; ip netns; bridge link; iptables-save')),
    ])
    const pods = await this.list<{ metadata: { name: string } }>('pods').catch(() => [])
    await Promise.all(pods.map(({ metadata: { name } }) => keep(`${name}.log`, this.in('logs', name, '--all-containers', '--tail=500'))))
    return FAILURES
  }
}

/** A condition of a cluster, if it was ever set. */
export function conditionOf(cluster: OpenStackCluster | undefined, type: string) {
  return cluster?.status?.conditions?.find((condition) => condition.type === type)
}
