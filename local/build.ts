import { existsSync } from 'node:fs'
import { chmod, link, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cachedFolder, cacheFolder, hashOf } from './cache.ts'
import { run } from './command.ts'
import { ensureGo } from './host.ts'
import { KUBERNETES_VERSION } from './kubeadm.ts'

/** A Go module of ours below `local/go`, and the programs that are built from it. */
interface GoModule {
  /** Name of the program → its package. */
  readonly programs: Readonly<Record<string, string>>
  readonly ldflags?: string
}

const [major = '', minor = ''] = KUBERNETES_VERSION.slice(1).split('.')
const VERSION = 'k8s.io/component-base/version'
const KUBERNETES = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler', 'kubeadm', 'kubectl', 'kubelet']

const MODULES = {
  kubernetes: {
    programs: Object.fromEntries(KUBERNETES.map((name) => [name, `k8s.io/kubernetes/cmd/${name}`])),
    // Without it Kubernetes calls itself v0.0.0-master, and kubeadm refuses that.
    ldflags: `-X ${VERSION}.gitVersion=${KUBERNETES_VERSION} -X ${VERSION}.gitMajor=${major} -X ${VERSION}.gitMinor=${minor} -X ${VERSION}.gitTreeState=clean`,
  },
  etcd: { programs: { etcd: 'go.etcd.io/etcd/server/v3' } },
  coredns: { programs: { coredns: 'teruwa.io/local/go/coredns' } },
  'local-path-provisioner': { programs: { 'local-path-provisioner': 'github.com/rancher/local-path-provisioner' } },
  // One program that is every part of Argo CD, by the name that it is called.
  argocd: { programs: { argocd: 'github.com/argoproj/argo-cd/v3/cmd' }, ldflags: '-X github.com/argoproj/argo-cd/v3/common.version=3.2.11' },
  // For tests: who enforces NetworkPolicies, and a registry of images.
  'network-policies': { programs: { 'kube-router': 'github.com/cloudnativelabs/kube-router/v2/cmd/kube-router' } },
  registry: { programs: { registry: 'github.com/distribution/distribution/v3/cmd/registry' } },
  olm: { programs: { 'olm-validate': 'teruwa.io/local/go/olm' } },
  kubeconform: { programs: { kubeconform: 'github.com/yannh/kubeconform/cmd/kubeconform' } },
} satisfies Record<string, GoModule>

/** The Go modules that can be built. */
export type GoModuleName = keyof typeof MODULES

const NODE_MODULES: readonly GoModuleName[] = ['kubernetes', 'etcd', 'coredns', 'local-path-provisioner']

/** How a build is followed. */
export interface BuildOptions {
  /** Gets a short sentence on what is done now. */
  onUpdate?: (message: string) => void
  signal?: AbortSignal
}

interface Recipe {
  readonly source: string
  readonly folder: string
  /** Arguments of each `go build` with `OUT` for the output folder. One call for all programs of a module shares the work. */
  readonly builds: readonly (readonly string[])[]
}

async function recipeOf(name: GoModuleName): Promise<Recipe> {
  const module: GoModule = MODULES[name]
  const source = join(import.meta.dirname, 'go', name)
  const flags = ['build', '-v', '-trimpath', '-ldflags', `-s -w ${module.ldflags ?? ''}`.trim()]
  const packages = Object.entries(module.programs)
  const [only] = packages
  const builds = packages.length === 1 && only ? [[...flags, '-o', `OUT/${only[0]}`, only[1]]] : [[...flags, '-o', 'OUT/', ...packages.map(([, path]) => path)]]
  const own = (await readdir(source)).filter((file) => file.endsWith('.go')).toSorted()
  const inputs = await Promise.all(['go.mod', 'go.sum', ...own].map((file) => readFile(join(source, file))))
  const hash = hashOf(...inputs, JSON.stringify(builds), process.arch)
  return { source, folder: cacheFolder('go', `${name}-${hash}`), builds }
}

/** Runs `go build` with what makes its result independent of the machine. */
export async function goBuild(source: string, args: readonly string[], options: BuildOptions = {}): Promise<void> {
  const go = await ensureGo(options)
  let compiled = 0
  await run(go, args, {
    cwd: source,
    // GOTOOLCHAIN: a distribution's older Go fetches the one that go.mod asks for.
    env: { CGO_ENABLED: '0', GOTOOLCHAIN: 'auto', GOFLAGS: '', GOWORK: 'off' },
    signal: options.signal,
    onLine(line) {
      if (line.startsWith('go: ')) options.onUpdate?.(line.slice(4))
      else options.onUpdate?.(`compiled ${++compiled} packages, last ${line}`)
    },
  })
}

/** A folder with the programs of one Go module; built if they were not built from the same inputs before. */
export async function ensureGoModule(name: GoModuleName, options: BuildOptions = {}): Promise<string> {
  const { source, folder, builds } = await recipeOf(name)
  return cachedFolder(folder, async (out) => {
    for (const args of builds)
      await goBuild(
        source,
        args.map((arg) => arg.replace(/^OUT\//, `${out}/`)),
        options,
      )
  })
}

/** Where the source of a module is: of the version that one of our Go modules requires, or that is named (`PATH@VERSION`); fetched if it is not there. */
export async function goPackageFolder(name: GoModuleName | undefined, required: string): Promise<string> {
  const env = { GOTOOLCHAIN: 'auto', GOFLAGS: '', GOWORK: 'off' }
  const told = await run(await ensureGo(), ['mod', 'download', '-json', required], { cwd: join(import.meta.dirname, 'go', name ?? ''), env })
  return (JSON.parse(told) as { Dir: string }).Dir
}

/** Whether nothing is left to build for a node. */
export async function programsAreBuilt(): Promise<boolean> {
  return (await Promise.all(NODE_MODULES.map(recipeOf))).every(({ folder }) => existsSync(folder))
}

/** One folder with every program of a node: Kubernetes, etcd, CoreDNS, local-path-provisioner. */
export async function ensurePrograms(options: BuildOptions = {}): Promise<string> {
  const folders: string[] = []
  for (const name of NODE_MODULES) {
    const onUpdate = (message: string) => options.onUpdate?.(`${name}: ${message}`)
    folders.push(await ensureGoModule(name, { ...options, onUpdate }))
  }
  return cachedFolder(cacheFolder('bin', hashOf(...folders)), async (out) => {
    // Hard links: one folder to mount, and no second copy of 700 MB.
    for (const folder of folders) for (const name of await readdir(folder)) await link(join(folder, name), join(out, name))
    // Pods that are not root run them, too.
    await chmod(out, 0o755)
  })
}
