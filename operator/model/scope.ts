import type { OpenStackClusterSpec, SecretKey } from '../api/v1alpha1/schema.ts'
import type { KubeObject } from '../kube/types.ts'
import type { OutsideCall, OutsideResult } from './outside.ts'

/**
 * All that a builder may know: one cluster, its spec with defaults, its secrets, and what was observed. Builders are pure functions of it.
 */
export interface Scope {
  readonly name: string
  readonly namespace: string
  /** uid of the OpenStackCluster; every object of ours is owned by it. */
  readonly uid: string
  readonly spec: OpenStackClusterSpec
  /** What somebody asks to be looked at again by, at once; changes with each such wish, '' without one. */
  readonly reconcileRequestedAt: string
  /** Every node of the Kubernetes cluster, as last seen. */
  readonly nodes: readonly KubeObject[]
  /** The full reference of an image by its short name, e.g. `keystone`. */
  image(name: string): string
  /** A generated secret by its name. Throws where it was never asked for. */
  credential(name: string): string
  /** The password of a user of `spec.identity.users`: the generated one, or that of the Secret that the CR names. */
  userPassword(user: string): string
  /** The text of a Secret that the CR names; `undefined`: it is not there, or has no such key. */
  namedSecret(secret: SecretKey): string | undefined
  /** URL by which clients outside of Kubernetes reach one of our Services; no path, no slash at its end. */
  publicUrl(service: string): string
  /** URL by which pods reach one of our Services. */
  internalUrl(service: string): string
  /** A live object of this cluster, as last seen. */
  live(kind: string, name: string): KubeObject | undefined
  /** Pods of an app, as last seen. */
  pods(app: string): readonly KubeObject[]
  /** The last line that a running pod of an app has said, where its pods tell of their progress. */
  said(app: string): string | undefined
  /** The step was ready when the status was written last, for this very spec: believed until it is asked for again after a restart of the operator. */
  wasReady(step: string): boolean
  /** What the last outside call of a step brought; with `call`, only if it was for this very thing. */
  outside(step: string, call?: OutsideCall): OutsideResult | undefined
}

/** The backing services with the port that each listens on. */
export const backingPorts = {
  mariadb: 3306,
  rabbitmq: 5672,
  memcached: 11211,
  etcd: 2379,
} as const satisfies Record<string, number>

/** Host name of one of our Services within Kubernetes; it resolves from every namespace. */
export function serviceHost(scope: { namespace: string }, service: string): string {
  return `${service}.${scope.namespace}.svc`
}

/** Name of the Secret that holds every generated password and key of a cluster. */
export function credentialsSecretName(cluster: string): string {
  return `${cluster}-credentials`
}

/** Name of the Secret that a user of `spec.identity.users` finds clouds.yaml and openrc in; without a user, that of the administrator. */
export function accessSecretName(cluster: string, user?: string): string {
  return user === undefined ? `${cluster}-admin` : `${cluster}-user-${user}`
}
