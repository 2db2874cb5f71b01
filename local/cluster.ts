import type { Steps } from './progress.ts'

/** What an embedded cluster shall be. */
export interface ClusterOptions {
  /** Part of the names of its containers, networks and volumes, and the value of their label. */
  name: string
  /** How many nodes; the first is the control plane and takes pods, too. 1 by default. */
  nodes?: number
  /** The management network's range (/24); the first free one of `MANAGEMENT_RANGES` by default. */
  managementCidr?: string
  /** The provider network's range; the first free one of `PROVIDER_RANGES` by default. */
  providerCidr?: string
  /** Labels of every node, such as `openstack.teruwa.io/hypervisor`. */
  nodeLabels?: Record<string, string>
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
  /** A kubeconfig with an administrator's client certificate, for use on this host. */
  readonly kubeconfig: string
  readonly managementCidr: string
  /** The provider network: its range and the address that the host has in it. */
  readonly provider: { readonly cidr: string; readonly gateway: string; readonly interface: string }
  /** Sentences on ranges that could not be taken. */
  readonly notes: readonly string[]
  /** Brings images of the Docker engine to every node that lacks them. Returns what was brought to at least one. */
  loadImages(references: readonly string[], options?: { progress?: Steps; signal?: AbortSignal }): Promise<string[]>
}
