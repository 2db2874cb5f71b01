// A real Argo CD without its API server and web page: the application controller, the repository server and a Redis, as processes of this host.

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { ensureGoModule, goPackageFolder } from '../../local/build.ts'
import { helm } from '../../local/helm.ts'
import { ensurePackages } from '../../local/host.ts'
import type { Kubectl } from '../../local/kubectl.ts'
import { definitionServed } from '../../local/up/install.ts'
import { eventually } from '../../local/verify/guest.ts'
import { freePorts, listens, startDaemon } from '../daemon.ts'
import type { Daemon } from '../daemon.ts'

/** Where Argo CD looks for its configuration and its Applications. */
export const ARGOCD = 'argocd'

const PACKAGES = { 'redis-server': ['/usr/bin/redis-server'], git: ['/usr/bin/git'] }

/** An Application, as far as the tests look at it. */
export interface Application {
  readonly metadata: { readonly name: string; readonly creationTimestamp: string; readonly deletionTimestamp?: string }
  readonly status?: {
    readonly reconciledAt?: string
    readonly sync?: { readonly status: string; readonly revision?: string }
    readonly health?: { readonly status: string; readonly message?: string; readonly lastTransitionTime?: string }
    readonly operationState?: { readonly phase: string; readonly message?: string; readonly finishedAt?: string }
    readonly history?: readonly { readonly revision: string; readonly deployedAt: string }[]
    readonly conditions?: readonly { readonly type: string; readonly message: string }[]
    readonly resources?: readonly { readonly kind: string; readonly name: string; readonly status: string }[]
  }
}

/** The program that is every part of Argo CD. */
export async function argocdProgram(onUpdate?: (message: string) => void): Promise<string> {
  return join(await ensureGoModule('argocd', onUpdate ? { onUpdate } : {}), 'argocd')
}

/** An Argo CD that looks after a cluster. */
export class ArgoCd {
  readonly #kubectl: Kubectl
  readonly #daemons: readonly Daemon[]
  readonly folder: string

  private constructor(kubectl: Kubectl, daemons: readonly Daemon[], folder: string) {
    this.#kubectl = kubectl
    this.#daemons = daemons
    this.folder = folder
  }

  /** Puts Argo CD's resources into the cluster, with `config` in its ConfigMap, and starts it. */
  static async start(kubectl: Kubectl, kubeconfig: string, config: Readonly<Record<string, string>>): Promise<ArgoCd> {
    await ensurePackages({}, PACKAGES)
    const program = await argocdProgram()
    await kubectl.run(['apply', '--server-side', '-k', join(await goPackageFolder('argocd', 'github.com/argoproj/argo-cd/v3'), 'manifests', 'crds')])
    await Promise.all(['applications', 'appprojects'].map((name) => definitionServed(kubectl, `${name}.argoproj.io`)))
    await kubectl.apply(objects(config))
    const folder = await mkdtemp(join(tmpdir(), 'teruwa-argocd-'))
    await Promise.all(['tls', 'ssh', 'plugins', 'tmp'].map((name) => mkdir(join(folder, name))))
    const [redis = 0, repository = 0, metrics = 0, repositoryMetrics = 0] = await freePorts(4)
    const env = {
      KUBECONFIG: kubeconfig,
      // A cluster that is this Argo CD's own, though it does not run in it.
      ARGOCD_FAKE_IN_CLUSTER: 'true',
      ARGOCD_TLS_DATA_PATH: join(folder, 'tls'),
      ARGOCD_SSH_DATA_PATH: join(folder, 'ssh'),
      ARGOCD_PLUGINSOCKFILEPATH: join(folder, 'plugins'),
      ARGOCD_GPG_ENABLED: 'false',
      TMPDIR: join(folder, 'tmp'),
      PATH: [dirname(await helm()), process.env['PATH'] ?? ''].join(delimiter),
      NO_PROXY: '*',
      no_proxy: '*',
    }
    const start = (name: string, binary: string, args: readonly string[]) => startDaemon(name, binary, args, folder, { ...env, ARGOCD_BINARY_NAME: name })
    const daemons = [
      start('redis-server', PACKAGES['redis-server'][0] ?? '', ['--port', String(redis), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']),
      start('argocd-repo-server', program, [
        '--disable-tls',
        '--address=127.0.0.1',
        `--port=${repository}`,
        '--metrics-address=127.0.0.1',
        `--metrics-port=${repositoryMetrics}`,
        `--redis=127.0.0.1:${redis}`,
      ]),
    ]
    await Promise.all([redis, repository].map((port) => eventually(`an answer from port ${port}`, 60, () => listens(port))))
    daemons.push(
      start('argocd-application-controller', program, [
        `--namespace=${ARGOCD}`,
        '--repo-server-plaintext',
        `--repo-server=127.0.0.1:${repository}`,
        `--redis=127.0.0.1:${redis}`,
        `--metrics-port=${metrics}`,
      ]),
    )
    return new ArgoCd(kubectl, daemons, folder)
  }

  async stop(): Promise<void> {
    for (const daemon of this.#daemons.toReversed()) await daemon.stop()
    await rm(this.folder, { recursive: true, force: true })
  }

  /** Has an Application compare with Git at once, as a webhook would. */
  async refresh(name: string): Promise<void> {
    await this.#kubectl.run(['--namespace', ARGOCD, 'annotate', 'application', name, 'argocd.argoproj.io/refresh=normal', '--overwrite'])
  }

  /** Waits until an Application is as `wanted` says; returns it. Fails with what it was last, and with what the programs said last. */
  async until(name: string, what: string, seconds: number, wanted: (application: Application) => boolean): Promise<Application> {
    let last: Application | undefined
    const timeout = AbortSignal.timeout(seconds * 1000)
    try {
      await this.#kubectl.watchObject(
        ['applications.argoproj.io', name, '--namespace', ARGOCD],
        (object) => {
          last = object as Application
          return wanted(last)
        },
        timeout,
      )
    } catch (error) {
      if (!timeout.aborted) throw error
      for (const daemon of this.#daemons) await daemon.check()
      const { health, sync, operationState, conditions } = last?.status ?? {}
      throw new Error(
        `expected ${name} ${what} within ${seconds} s; it is ${JSON.stringify({ health, sync, operationState, conditions }, undefined, 1)}\n${await this.log()}`,
        { cause: error },
      )
    }
    if (last === undefined) throw new Error(`the Application ${name} was never seen`)
    return last
  }

  /** The end of what the controller said. */
  async log(): Promise<string> {
    const text = await readFile(join(this.folder, 'argocd-application-controller.log'), 'utf8').catch(() => '')
    return text.split('\n').slice(-30).join('\n')
  }
}

/** What Argo CD wants to find in its namespace. */
function objects(config: Readonly<Record<string, string>>): object[] {
  const metadata = (name: string) => ({ name, namespace: ARGOCD, labels: { 'app.kubernetes.io/part-of': 'argocd' } })
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: ARGOCD } },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('argocd-cm'), data: config },
    { apiVersion: 'v1', kind: 'Secret', metadata: metadata('argocd-secret'), stringData: { 'server.secretkey': 'not used without a server' } },
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: metadata('default'),
      spec: {
        sourceRepos: ['*'],
        destinations: [{ namespace: '*', server: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      },
    },
  ]
}
