// A real etcd and a real kube-apiserver, without nodes: what the operator and the CRD are tested against.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ensureGoModule } from '../../local/build.ts'
import { run } from '../../local/command.ts'
import { KUBERNETES_VERSION, SERVICE_SUBNET } from '../../local/kubeadm.ts'
import { freePorts, listens, startDaemon } from '../daemon.ts'
import type { Daemon } from '../daemon.ts'
import { rawApi } from './raw-api.ts'
import type { RawApi } from './raw-api.ts'

export interface ApiServerOptions {
  /**
   * Whether a kube-controller-manager runs, too. It collects garbage, ends namespaces, makes pods and keeps the status of workloads; where
   * a test plays some of these parts itself, a list names the controllers that run, as `--controllers` does.
   */
  controllerManager?: boolean | readonly string[]
  /** Whether every write is told by `audit`. */
  audit?: boolean
  /** Gets a short sentence on what is done now. */
  onUpdate?: (message: string) => void
  signal?: AbortSignal
}

/** An API server that answers. */
export interface ApiServer {
  /** A kubeconfig of `system:masters` by client certificate. */
  readonly kubeconfig: string
  readonly kubeconfigPath: string
  /** All writes until now, where they are told; the first one first. */
  readonly audit: () => Promise<AuditEvent[]>
  /** Ends what was started and removes its files. */
  readonly stop: () => Promise<void>
}

/** A write, as the API server's audit log has it. */
export interface AuditEvent {
  readonly verb: string
  readonly userAgent?: string
  readonly responseStatus?: { readonly code?: number }
  readonly objectRef: {
    readonly resource: string
    readonly apiGroup?: string
    readonly namespace?: string
    readonly name?: string
    readonly subresource?: string
  }
}

/** The kubeconfig of an API server that all files of a run share; `test/main.ts` sets it. */
export const SHARED_KUBECONFIG = 'TERUWA_TEST_KUBECONFIG'

/**
 * The API server of the run or, in a file that is run by itself, one of its own. Tests that share one keep apart by namespace.
 * With a controller manager or an audit log it is never the shared one: both are about everybody's objects.
 */
export async function apiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const shared = process.env[SHARED_KUBECONFIG]
  if (shared === undefined || shared === '' || options.controllerManager || options.audit) return startApiServer(options)
  return { kubeconfig: await readFile(shared, 'utf8'), kubeconfigPath: shared, audit: noAudit, stop: async () => {} }
}

const ATTEMPTS = 3
const START_MS = 60_000

/** Starts etcd and kube-apiserver, and a controller manager where one is asked for; resolves when the API server is ready. */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const programs = { etcd: await ensureGoModule('etcd', options), kubernetes: await ensureGoModule('kubernetes', options) }
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(programs, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      // Between finding a free port and listening on it somebody else may have taken it.
      if (attempt === ATTEMPTS || !(error instanceof Error && error.message.includes('address already in use'))) throw error
    }
  }
}

async function start(programs: { etcd: string; kubernetes: string }, options: ApiServerOptions): Promise<ApiServer> {
  const { controllerManager, signal } = options
  const folder = await mkdtemp(join(tmpdir(), 'teruwa-api-'))
  const processes: Daemon[] = []
  const stop = async () => {
    for (const daemon of processes.toReversed()) await daemon.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    const [port = 0, controllerPort = 0] = await freePorts(2)
    const kubeadm = join(programs.kubernetes, 'kubeadm')
    await makeCertificates(kubeadm, folder, port, signal)
    const launch = (name: string, program: string, args: readonly string[]) => {
      processes.push(startDaemon(name, program, args, folder))
    }
    launch('etcd', join(programs.etcd, 'etcd'), etcdArguments(folder))
    const auditLog = join(folder, 'audit.log')
    const auditArguments = options.audit ? await auditing(folder, auditLog) : []
    launch('kube-apiserver', join(programs.kubernetes, 'kube-apiserver'), [...apiServerArguments(folder, port), ...auditArguments])
    const kubeconfigPath = join(folder, 'super-admin.conf')
    const kubeconfig = await readFile(kubeconfigPath, 'utf8')
    const api = rawApi(kubeconfig)
    const ready = async () => {
      const { status, text } = await api.request('GET', '/readyz')
      return status === 200 ? undefined : text
    }
    try {
      await until('kube-apiserver is ready', ready, processes, signal)
      await makeStorageClass(api)
    } finally {
      await api.close()
    }
    if (controllerManager) {
      const controllers = controllerManager === true ? ['*'] : controllerManager
      launch('kube-controller-manager', join(programs.kubernetes, 'kube-controller-manager'), controllerArguments(folder, controllerPort, controllers))
      await until('kube-controller-manager listens', async () => ((await listens(controllerPort)) ? undefined : 'nobody listens'), processes, signal)
    }
    return { kubeconfig, kubeconfigPath, audit: options.audit ? () => readAudit(auditLog) : noAudit, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** A default StorageClass: without one no cloud is begun. */
async function makeStorageClass(api: RawApi): Promise<void> {
  const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' }
  const object = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'standard', annotations }, provisioner: 'example.com/none' }
  const { status, text } = await api.request('POST', '/apis/storage.k8s.io/v1/storageclasses', object)
  if (status >= 300) throw new Error(`the API server refuses a StorageClass: ${text}`)
}

/** An address that belongs to nobody (RFC 5737). */
const NOBODY = '192.0.2.1'

/** By kubeadm, as in the embedded cluster. */
async function makeCertificates(kubeadm: string, folder: string, port: number, signal: AbortSignal | undefined): Promise<void> {
  const config = join(folder, 'kubeadm.json')
  const documents = [
    // kubeadm takes no loopback address here, and would look for another one of the host.
    { apiVersion: 'kubeadm.k8s.io/v1beta4', kind: 'InitConfiguration', localAPIEndpoint: { advertiseAddress: NOBODY, bindPort: port } },
    {
      apiVersion: 'kubeadm.k8s.io/v1beta4',
      kind: 'ClusterConfiguration',
      kubernetesVersion: KUBERNETES_VERSION,
      encryptionAlgorithm: 'ECDSA-P256',
      certificatesDir: join(folder, 'pki'),
      controlPlaneEndpoint: `127.0.0.1:${port}`,
      networking: { serviceSubnet: SERVICE_SUBNET },
    },
  ]
  await writeFile(config, documents.map((document) => JSON.stringify(document)).join('\n---\n'))
  await run(kubeadm, ['init', 'phase', 'certs', 'all', '--config', config], { signal })
  for (const user of ['super-admin', 'controller-manager']) {
    await run(kubeadm, ['init', 'phase', 'kubeconfig', user, '--kubeconfig-dir', folder, '--config', config], { signal })
  }
  const controllers = join(folder, 'controller-manager.conf')
  await writeFile(controllers, (await readFile(controllers, 'utf8')).replace(`https://${NOBODY}:`, 'https://127.0.0.1:'))
}

/** etcd's Unix sockets need no ports, and their folder lets nobody else in. etcd wants a URL that looks like host:port and makes a socket of that name. */
const ETCD_SOCKETS = { clients: 'localhost:1', peers: 'localhost:2' }

function etcdArguments(folder: string): string[] {
  const clients = `unix://${ETCD_SOCKETS.clients}`
  const peers = `unix://${ETCD_SOCKETS.peers}`
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // Nothing here must outlive a power cut.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
}

function apiServerArguments(folder: string, port: number): string[] {
  const pki = (file: string) => join(folder, 'pki', file)
  return [
    `--etcd-servers=unix://${join(folder, ETCD_SOCKETS.clients)}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${pki('apiserver.crt')}`,
    `--tls-private-key-file=${pki('apiserver.key')}`,
    `--client-ca-file=${pki('ca.crt')}`,
    '--anonymous-auth=false',
    '--authorization-mode=Node,RBAC',
    // The last one is OpenShift's default, too: who blocks an owner's deletion must be allowed to.
    '--enable-admission-plugins=NodeRestriction,OwnerReferencesPermissionEnforcement',
    '--allow-privileged=true',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${pki('sa.pub')}`,
    `--service-account-signing-key-file=${pki('sa.key')}`,
    `--service-cluster-ip-range=${SERVICE_SUBNET}`,
    // There is no Service to be reached by: a loopback address would only be refused again and again.
    '--endpoint-reconciler-type=none',
    `--advertise-address=${NOBODY}`,
  ]
}

/** Lets the API server tell of every write, before it answers it. */
async function auditing(folder: string, log: string): Promise<string[]> {
  const policy = join(folder, 'audit.json')
  const rules = [{ level: 'Metadata', verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'] }, { level: 'None' }]
  await writeFile(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules }))
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`]
}

async function readAudit(log: string): Promise<AuditEvent[]> {
  const lines = (await readFile(log, 'utf8')).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditEvent)
}

async function noAudit(): Promise<AuditEvent[]> {
  throw new Error('this API server was started without an audit log')
}

function controllerArguments(folder: string, port: number, controllers: readonly string[]): string[] {
  const pki = (file: string) => join(folder, 'pki', file)
  const kubeconfig = join(folder, 'controller-manager.conf')
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    '--leader-elect=false',
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${pki('sa.key')}`,
    `--root-ca-file=${pki('ca.crt')}`,
    `--controllers=${controllers.join(',')}`,
  ]
}

/** Asks again and again, until nothing is missing or one of the processes has ended. */
export async function until(what: string, missing: () => Promise<string | undefined>, processes: readonly Daemon[], signal?: AbortSignal): Promise<void> {
  const deadline = Date.now() + START_MS
  for (;;) {
    for (const daemon of processes) await daemon.check()
    let answer: string | undefined
    try {
      answer = await missing()
      if (answer === undefined) return
    } catch (error) {
      answer = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    }
    if (Date.now() > deadline) throw new Error(`after ${START_MS / 1000} s it is still not true that ${what}: ${answer}`)
    await delay(50, undefined, { signal })
  }
}
