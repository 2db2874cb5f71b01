import { APPLIED_ANNOTATION } from '../../operator/kube/apply.ts'
import { labels } from '../../operator/api/v1alpha1/index.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import type { ModelApi } from './api.ts'

const { secrets, services, deployments, statefulSets, daemonSets, jobs, podDisruptionBudgets, pods } = ResourceTypes
const edited: readonly ResourceType[] = [secrets, services, deployments, statefulSets, daemonSets, jobs, podDisruptionBudgets]
const workloads = new Set<string>([deployments.kind, statefulSets.kind, daemonSets.kind])

/** Takes an object from the operator's sight. */
const unseen: unknown = { metadata: { labels: { [labels.managedBy]: null } } }

/** Patches that a person might make of any object. */
const anyPatches: readonly unknown[] = [
  unseen,
  { metadata: { labels: { [labels.component]: 'else', somebodys: 'label' } } },
  { metadata: { annotations: { [APPLIED_ANNOTATION]: null, somebodys: 'annotation' } } },
  { metadata: { ownerReferences: null } },
]
const patchesOf: Readonly<Record<string, readonly unknown[]>> = {
  Secret: [{ data: null }, { data: { 'keystone.conf': 'AAAA' } }, { data: { somebodys: 'AAAA' } }],
  Service: [{ spec: { selector: { nobody: 'here' } } }],
  Deployment: [{ spec: { replicas: 0 } }, { spec: { replicas: 3 } }, { spec: { template: { spec: { containers: [] } } } }],
  StatefulSet: [{ spec: { replicas: 0 } }, { spec: { template: { metadata: { annotations: { somebodys: 'annotation' } } } } }],
  DaemonSet: [{ spec: { template: { spec: { hostNetwork: null } } } }],
}

/** A person with kubectl. */
export class Person {
  readonly #api: ModelApi
  readonly #namespace: string

  constructor(api: ModelApi, namespace: string) {
    this.#api = api
    this.#namespace = namespace
  }

  /** Patches one object. `chance` (0 ≤ x < 1) says which one and how. Returns what was done. */
  edit(chance: number): string {
    const found = this.#pick(chance)
    if (found === undefined) return 'nothing to edit'
    const [type, { kind, metadata }] = found
    const patches = [...anyPatches, ...(patchesOf[kind] ?? [])]
    const patch = patches[Math.floor((chance * 7919) % patches.length)]
    // The operator would make the Job anew that it no longer sees, and nobody may change a Job.
    if (kind === jobs.kind && patch === unseen) return 'nothing to edit'
    this.#api.patch(type, metadata.namespace, metadata.name, patch, { fieldManager: 'kubectl-edit' })
    return `edit ${kind} ${metadata.name}: ${JSON.stringify(patch)}`
  }

  delete(chance: number): string {
    const found = this.#pick(chance, [...edited, pods])
    if (found === undefined) return 'nothing to delete'
    const [type, { kind, metadata }] = found
    this.#api.delete(type, metadata.namespace, metadata.name)
    return `delete ${kind} ${metadata.name}`
  }

  /** A workload, to be broken. */
  workload(chance: number): [ResourceType, KubeObject] | undefined {
    return this.#pick(
      chance,
      edited.filter(({ kind }) => workloads.has(kind)),
    )
  }

  /** One of the cloud's objects; never the credentials, whose loss nothing mends. */
  #pick(chance: number, types: readonly ResourceType[] = edited): [ResourceType, KubeObject] | undefined {
    const all = types.flatMap((type) => this.#api.list(type, { namespace: this.#namespace }).map((object): [ResourceType, KubeObject] => [type, object]))
    const ours = all.filter(([, { metadata }]) => metadata.labels?.[labels.partOf] !== undefined && metadata.labels[labels.component] !== 'credentials')
    return ours[Math.floor(chance * ours.length)]
  }
}
