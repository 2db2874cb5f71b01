import { setConditions } from '../api/v1alpha1/conditions.ts'
import type { OpenStackCluster, OpenStackClusterStatus } from '../api/v1alpha1/index.ts'
import { missingRight } from '../kube/error.ts'
import type { MissingRight } from '../kube/error.ts'

/** Something that is wrong with how the operator was installed. */
export interface Fault {
  readonly reason: 'MissingRights' | 'OutdatedDefinition'
  /** What is missing, and how to mend it. */
  readonly message: string
}

/** The faults of no cluster in particular. */
const EVERYWHERE = ''

/**
 * Faults that no step of a cloud tells of, by who met them; what has succeeded since is none any more. Those of the operator's own voice (its Lease, the
 * status) cannot be told in a status: they are for `/readyz` and the log.
 */
export class Faults {
  readonly #known = new Map<string, Map<string, Fault>>()
  readonly #untold = new Map<string, string>()

  /** Takes those errors that come of a missing right, and returns the others. Without any, what `source` met before is over. */
  take(key: string, source: string, errors: readonly unknown[]): unknown[] {
    const all = errors.flatMap(each)
    const sentences = new Set(all.flatMap((error) => lackOf(error) ?? []))
    this.set(key, source, sentences.size === 0 ? undefined : { reason: 'MissingRights', message: [...sentences].join('; ') })
    return all.filter((error) => missingRight(error) === undefined)
  }

  /** The same of what belongs to no cluster in particular. Whether something else is wrong now than before. */
  takeEverywhere(source: string, error: unknown): boolean {
    const before = this.#known.get(EVERYWHERE)?.get(source)?.message
    this.take(EVERYWHERE, source, error === undefined ? [] : [error])
    return this.#known.get(EVERYWHERE)?.get(source)?.message !== before
  }

  /** Keeps how a request went that the operator cannot tell of where it fails. Whether it is another fault than before. */
  takeUntold(source: string, error?: unknown): boolean {
    const sentence = lackOf(error)
    const before = this.#untold.get(source)
    if (sentence === undefined) this.#untold.delete(source)
    else this.#untold.set(source, sentence)
    return sentence !== undefined && sentence !== before
  }

  set(key: string, source: string, fault: Fault | undefined): void {
    const known = this.#known.get(key) ?? new Map<string, Fault>()
    if (fault === undefined) known.delete(source)
    else known.set(source, fault)
    if (known.size === 0) this.#known.delete(key)
    else this.#known.set(key, known)
  }

  /** What is wrong with the installation, as one cluster sees it. */
  of(key: string): Fault[] {
    return [...(this.#known.get(EVERYWHERE)?.values() ?? []), ...(this.#known.get(key)?.values() ?? [])]
  }

  /** What keeps the operator from telling anything. */
  untold(): string[] {
    return [...this.#untold.values()]
  }

  /** A cluster is gone. */
  forget(key: string): void {
    this.#known.delete(key)
  }
}

function each(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors.flatMap(each) : [error]
}

/** What to tell of an error that comes of a missing right; `undefined` of any other. */
export function lackOf(error: unknown): string | undefined {
  const right = missingRight(error)
  return right && rightSentence(right)
}

function rightSentence({ verb, resource, namespace }: MissingRight): string {
  const where = namespace === undefined ? '' : ` in namespace ${namespace}`
  return `the operator's ServiceAccount may not ${verb} ${resource}${where}: grant it that, by the roles of its chart (helm upgrade) or by hand (docs/rbac.md)`
}

/** What to tell of resources, in the words of a role, that the operator may not list. */
export function missingLists(resources: readonly string[]): string {
  return `the operator's ServiceAccount may not list and watch ${resources.join(', ')}: grant it list and watch of them${
    resources.includes('nodes') ? ' (nodes belong to no namespace, so that it takes a ClusterRole and a ClusterRoleBinding)' : ''
  }`
}

/** The status with the condition `InstallationFaulty`, which is there only while something is wrong. Pure. */
export function withFaults(cluster: OpenStackCluster, status: OpenStackClusterStatus, faults: readonly Fault[], now: Date): OpenStackClusterStatus {
  const type = 'InstallationFaulty'
  const others = (status.conditions ?? []).filter((condition) => condition.type !== type)
  const [first] = faults
  if (first === undefined) return others.length === (status.conditions ?? []).length ? status : { ...status, conditions: others }
  const before = cluster.status?.conditions?.filter((condition) => condition.type === type) ?? []
  const wanted = { type, status: 'True', reason: first.reason, message: faults.map(({ message }) => message).join('; ') } as const
  return { ...status, conditions: setConditions([...others, ...before], [wanted], cluster.metadata.generation, now) }
}
