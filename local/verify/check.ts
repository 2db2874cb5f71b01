import type { OpenStackClient } from './client.ts'

/** The part of an OpenStackCluster that the checks look at. */
export interface CheckedCluster {
  readonly metadata: { readonly name: string; readonly namespace: string }
  readonly spec: {
    readonly timeSync: { readonly mode: string; readonly maxOffsetMilliseconds: number }
    readonly services: {
      readonly horizon: { readonly enabled: boolean }
      readonly neutron: { readonly mode: string }
      readonly cinder: { readonly enabled: boolean; readonly backends: readonly { readonly name: string; readonly rbd?: { readonly backupPool?: string } }[] }
    }
    readonly identity: {
      readonly domains: readonly { readonly name: string }[]
      readonly projects: readonly { readonly name: string; readonly quotas?: Readonly<Record<string, Readonly<Record<string, number>>>> }[]
      readonly roles: readonly { readonly name: string }[]
      readonly groups: readonly { readonly name: string; readonly domain: string; readonly roles: readonly DeclaredRole[] }[]
      readonly users: readonly DeclaredUser[]
    }
    readonly bootstrap: { readonly servers: readonly DeclaredServer[] }
  }
  readonly status?: {
    readonly endpoints?: readonly { readonly service: string; readonly public?: string }[]
    readonly hypervisors?: {
      readonly labelled: number
      readonly up: number
      readonly watchedClocks?: number
      readonly wrongClocks?: number
    }
  }
}

/** A server of `spec.bootstrap`. */
export interface DeclaredServer {
  readonly name: string
  readonly user: string
  readonly image: string
  readonly flavor: string
  readonly networks: readonly string[]
}

/** A user of `spec.identity`. */
export interface DeclaredUser {
  readonly name: string
  readonly domain: string
  readonly project?: string
  readonly groups: readonly string[]
  readonly roles: readonly DeclaredRole[]
}

/** A role of a user or a group. */
export interface DeclaredRole {
  readonly role: string
  readonly project?: string
}

/** What the checks work with. */
export interface Surroundings {
  readonly cluster: CheckedCluster
  /** The administrator. */
  readonly admin: OpenStackClient
  /** The user that the CR declares; its name, and its server. */
  readonly user: OpenStackClient
  readonly userName: string
  readonly image: { readonly name: string }
  readonly server: string
  /** Names of the nodes of Kubernetes. */
  readonly nodes: readonly string[]
  /** The stock client as another declared user. */
  readonly client: (user: string) => OpenStackClient
  /** The texts of a Secret of the cloud. */
  readonly secret: (name: string) => Promise<Readonly<Record<string, string>>>
  /** Runs a program in a pod of an app of the cloud, by the app's name. */
  readonly inPod: (app: string, ...command: readonly string[]) => Promise<string>
  /** Path of a file with this text, as long as the checks run. */
  readonly file: (name: string, text: string) => Promise<string>
  readonly signal?: AbortSignal
}

/** One step of the course, checked as the course does it. Returns what was seen; throws what was expected and seen instead. */
export interface Check {
  readonly name: string
  /** Without it, always; else whether the cloud has what is checked. */
  readonly applies?: (cluster: CheckedCluster) => boolean
  readonly run: (surroundings: Surroundings) => Promise<string>
}
