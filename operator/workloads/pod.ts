import { annotations } from '../api/v1alpha1/index.ts'
import { hashOf } from '../config/hash.ts'
import type { Resources } from '../api/v1alpha1/index.ts'
import type { Scope } from '../model/scope.ts'
import { metadata, selector } from './metadata.ts'
import type { ConfigSecret } from './secret.ts'
import type { Port } from './service.ts'

/** uid and gid of everything that is not privileged; the images make the user. */
export const USER_ID = 42424

/**
 * How long a pod that serves goes on after its end was decided: kube-proxy takes a second or two to take it out of every node's rules, and a request
 * that a node sends it after it has stopped to listen is refused.
 */
const DRAIN_SECONDS = 5

/** A file of a config Secret and where the process wants it. Mounted one by one, so that what the package ships beside it stays visible. */
export interface File {
  readonly config: ConfigSecret
  readonly key: string
  readonly path: string
}

/**
 * A directory of the container. `claim` names a volume claim template of the StatefulSet or a PersistentVolumeClaim. A `live` Secret is one
 * that the process reads again by itself, so that its pods need not roll.
 */
export interface Directory {
  readonly path: string
  readonly source:
    | { readonly kind: 'scratch'; readonly memory?: boolean }
    | { readonly kind: 'secret'; readonly config: ConfigSecret; readonly live?: boolean }
    | { readonly kind: 'host'; readonly path?: string; readonly type?: string; readonly propagation?: 'Bidirectional' | 'HostToContainer' }
    | { readonly kind: 'claim'; readonly name: string; readonly template?: boolean }
}

/** How the kubelet asks whether a container can serve. */
export type Probe =
  | { readonly http: string; readonly port: number }
  | { readonly tcp: number }
  | { readonly exec: readonly string[]; readonly timeoutSeconds?: number }

/** One container, as a process: what it runs, reads and needs. */
export interface Process {
  /** Short name of the image. */
  readonly image: string
  /** Instead of the image's entry point; only for images that are not ours. */
  readonly command?: readonly string[]
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Environment from the pod's own fields, e.g. `status.hostIP`. */
  readonly fieldEnv?: Readonly<Record<string, string>>
  readonly secretEnv?: Readonly<Record<string, { readonly config: ConfigSecret; readonly key: string }>>
  readonly files?: readonly File[]
  readonly directories?: readonly Directory[]
  readonly ports?: readonly Port[]
  readonly ready?: Probe
  readonly resources?: Resources
  /** It serves clients: at its end it goes on for some seconds, until no node sends it requests any more. */
  readonly serves?: boolean
  /** Root with everything that the node may do: agents and the hypervisor only. */
  readonly privileged?: boolean
  /** Root with just these capabilities, e.g. `SYS_TIME`. */
  readonly capabilities?: readonly string[]
}

/** Our own figures, with those of the CR in their place where it has some. */
export function resourcesOf(ours: Resources, theirs: Resources | undefined): Resources {
  return { requests: { ...ours.requests, ...theirs?.requests }, ...(theirs?.limits ? { limits: theirs.limits } : {}) }
}

/** What a pod is built with. */
export type PodScope = Pick<Scope, 'name' | 'namespace' | 'uid' | 'spec' | 'image'>

/** What belongs to the pod as a whole. */
export interface PodOptions {
  readonly hostNetwork?: boolean
  readonly hostPID?: boolean
  readonly affinity?: unknown
  readonly tolerateAll?: boolean
  /** On different nodes where possible. */
  readonly spread?: boolean
  readonly terminationGracePeriodSeconds?: number
  readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never'
  readonly initContainers?: readonly { readonly name: string; readonly process: Process }[]
  /** The last line of its log is its progress, for the status. */
  readonly tellsProgress?: boolean
}

/** The template of a pod with one process. The hashes of the Secrets that it reads are in its annotations. */
export function podTemplate(scope: PodScope, app: string, component: string, process: Process, options: PodOptions = {}): Record<string, unknown> {
  const inits = options.initContainers ?? []
  const processes = [process, ...inits.map((init) => init.process)]
  const hashes = processes.flatMap(filesRead)
  const { labels } = metadata(scope, app, component)
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector(scope, app) },
    // Pods of one revision count alone: in a roll the new ones would else avoid the nodes of the old ones.
    matchLabelKeys: ['pod-template-hash'],
  }
  return {
    metadata: {
      labels,
      annotations: { [annotations.configHash]: hashOf(hashes), ...(options.tellsProgress ? { [annotations.tellsProgress]: '' } : {}) },
    },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...(options.restartPolicy ? { restartPolicy: options.restartPolicy } : {}),
      ...(options.hostNetwork ? { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
      ...(options.hostPID ? { hostPID: true } : {}),
      ...(options.affinity ? { affinity: options.affinity } : {}),
      ...(options.tolerateAll ? { tolerations: [{ operator: 'Exists' }] } : {}),
      ...(options.spread ? { topologySpreadConstraints: [spread] } : {}),
      terminationGracePeriodSeconds: options.terminationGracePeriodSeconds ?? 30,
      ...(scope.spec.images.pullSecrets?.length ? { imagePullSecrets: scope.spec.images.pullSecrets } : {}),
      securityContext: process.privileged
        ? { seccompProfile: { type: 'Unconfined' } }
        : {
            runAsNonRoot: true,
            runAsUser: USER_ID,
            runAsGroup: USER_ID,
            fsGroup: USER_ID,
            fsGroupChangePolicy: 'OnRootMismatch',
            seccompProfile: { type: 'RuntimeDefault' },
          },
      ...(inits.length > 0 ? { initContainers: inits.map((init) => container(scope, init.name, init.process)) } : {}),
      containers: [container(scope, app, process)],
      volumes: volumes(processes),
    },
  }
}

/** The contents that a process reads, so that a change of a file rolls just the pods that read it. */
function filesRead(process: Process): unknown[] {
  return [
    ...(process.files ?? []).map(({ config, key }) => config.files[key]),
    ...Object.values(process.secretEnv ?? {}).map(({ config, key }) => config.files[key]),
    ...(process.directories ?? []).map(({ source }) => (source.kind === 'secret' && !source.live ? source.config.files : undefined)),
  ]
}

function container(scope: PodScope, name: string, process: Process): Record<string, unknown> {
  return {
    name,
    image: scope.image(process.image),
    imagePullPolicy: scope.spec.images.pullPolicy,
    ...(process.command ? { command: process.command } : {}),
    args: process.args,
    env: environment(process),
    ...(process.ports?.length ? { ports: process.ports.map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' })) } : {}),
    ...(process.serves ? { lifecycle: { preStop: { exec: { command: ['sleep', String(DRAIN_SECONDS)] } } } } : {}),
    ...(process.ready ? { readinessProbe: probe(process.ready) } : {}),
    resources: process.resources ?? {},
    securityContext: process.privileged
      ? { privileged: true, runAsUser: 0, runAsGroup: 0 }
      : {
          ...(process.capabilities ? { runAsNonRoot: false, runAsUser: 0, runAsGroup: 0 } : {}),
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'], ...(process.capabilities ? { add: process.capabilities } : {}) },
        },
    terminationMessagePolicy: 'FallbackToLogsOnError',
    volumeMounts: mounts(process),
  }
}

function environment(process: Process): unknown[] {
  return [
    ...Object.entries(process.env ?? {}).map(([name, value]) => ({ name, value })),
    ...Object.entries(process.fieldEnv ?? {}).map(([name, fieldPath]) => ({ name, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath } } })),
    ...Object.entries(process.secretEnv ?? {}).map(([name, { config, key }]) => ({ name, valueFrom: { secretKeyRef: { name: config.name, key } } })),
  ]
}

/** The first answer is asked for at once and then every two seconds: a start is noticed soon, and nobody waits for a long period. */
function probe(ready: Probe): Record<string, unknown> {
  const timing = { periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 3 }
  if ('http' in ready) return { ...timing, httpGet: { path: ready.http, port: ready.port, scheme: 'HTTP' } }
  if ('tcp' in ready) return { ...timing, tcpSocket: { port: ready.tcp } }
  return { ...timing, periodSeconds: 5, timeoutSeconds: ready.timeoutSeconds ?? 10, exec: { command: ready.exec } }
}

function mounts(process: Process): unknown[] {
  return [
    ...(process.directories ?? []).map((directory) => ({
      name: volumeName(directory),
      mountPath: directory.path,
      ...(directory.source.kind === 'secret' ? { readOnly: true } : {}),
      ...(directory.source.kind === 'host' && directory.source.propagation ? { mountPropagation: directory.source.propagation } : {}),
    })),
    ...(process.files ?? []).map(({ config, key, path }) => ({ name: config.name, mountPath: path, subPath: key, readOnly: true })),
  ]
}

function volumes(processes: readonly Process[]): unknown[] {
  const byName = new Map<string, unknown>()
  for (const process of processes) {
    for (const directory of process.directories ?? []) {
      const volume = volumeOf(directory)
      if (volume !== undefined) byName.set(volumeName(directory), { name: volumeName(directory), ...volume })
    }
    for (const { config } of process.files ?? []) byName.set(config.name, { name: config.name, ...secretVolume(config) })
  }
  return [...byName.values()]
}

function secretVolume(config: ConfigSecret): Record<string, unknown> {
  return { secret: { secretName: config.name, defaultMode: 0o440 } }
}

function volumeOf({ path, source }: Directory): Record<string, unknown> | undefined {
  switch (source.kind) {
    case 'scratch':
      return { emptyDir: source.memory ? { medium: 'Memory' } : {} }
    case 'secret':
      return secretVolume(source.config)
    case 'host':
      return { hostPath: { path: source.path ?? path, type: source.type ?? 'DirectoryOrCreate' } }
    case 'claim':
      return source.template ? undefined : { persistentVolumeClaim: { claimName: source.name } }
    default:
      throw new TypeError(`unknown source of a directory: ${JSON.stringify(source satisfies never)}`)
  }
}

function volumeName({ path, source }: Directory): string {
  if (source.kind === 'secret') return source.config.name
  if (source.kind === 'claim') return source.name
  return path
    .slice(1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
}
