import type { OpenStackCluster } from '../api/v1alpha1/index.ts'
import type { Credentials } from '../config/credentials.ts'
import type { KubeClient } from '../kube/client.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Answer } from '../model/outside.ts'
import { describeChange } from '../openstack/change.ts'
import type { Faults } from './faults.ts'
import { Follower } from './follower.ts'
import { Outside } from './outside.ts'
import type { OutsideOptions } from './outside.ts'
import type { Reporter } from './reporter.ts'
import { OutsideTasks } from './tasks.ts'
import { keyOf } from './watches.ts'

/** Makes the one who makes the calls outside of Kubernetes for one cluster. */
export type MakeOutside = (options: OutsideOptions) => Pick<Outside, 'perform'>

/** What goes on in the background needs this from its surroundings. */
export interface BackgroundOptions {
  readonly client: Pick<KubeClient, 'log'>
  readonly faults: Faults
  readonly reporter: Pick<Reporter, 'tell'>
  /** Puts a cluster into the queue again after so many milliseconds. */
  readonly wake: (key: string, delay: number) => void
  readonly outside: MakeOutside | undefined
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** 0 ≤ x < 1 */
  readonly random: () => number
}

/** The calls outside of one cluster, with what they stand on. */
interface Calls {
  readonly fingerprint: string
  readonly tasks: OutsideTasks
}

/** What goes on for each cluster between two visits: the calls outside of Kubernetes, and the listening to its pods. */
export class Background {
  readonly #options: BackgroundOptions
  readonly #calls = new Map<string, Calls>()
  readonly #followers = new Map<string, Follower>()

  constructor(options: BackgroundOptions) {
    this.#options = options
  }

  /** The outside calls of a cluster; with another administrator's password, region or uid they are all made anew. */
  callsOf(cluster: OpenStackCluster, credentials: Credentials): OutsideTasks {
    const { metadata, spec } = cluster
    const key = keyOf(metadata.namespace, metadata.name)
    const password = credentials['keystone.admin'] ?? ''
    const fingerprint = JSON.stringify([metadata.uid, password, spec.region])
    const known = this.#calls.get(key)
    if (known?.fingerprint === fingerprint) return known.tasks
    known?.tasks.keep(new Set())
    const { wake, reporter, now, random, outside: make = (options: OutsideOptions) => new Outside(options) } = this.#options
    const outside = make({ namespace: metadata.namespace, region: spec.region, password })
    const tasks = new OutsideTasks({
      run: (call, signal) => outside.perform(call, signal),
      wake: (delay) => wake(key, delay),
      changed: (step, changes) => reporter.tell(cluster, { type: 'Normal', reason: 'Changed', message: `${step}: ${changes.map(describeChange).join(', ')}` }),
      now,
      random,
    })
    this.#calls.set(key, { fingerprint, tasks })
    return tasks
  }

  /** The outside calls of a cluster, if there were any since the operator started. */
  calls(key: string): OutsideTasks | undefined {
    return this.#calls.get(key)?.tasks
  }

  /** What the outside of a cluster answered last, step by step. */
  answers(key: string): readonly Answer[] {
    return this.calls(key)?.answers() ?? []
  }

  /** Listens to those of a cluster's pods that tell of their progress, and to no others any more. Returns at once. */
  listen(key: string, pods: readonly KubeObject[]): void {
    this.#followerOf(key).keep(pods)
  }

  /** The last line of a pod that is listened to. */
  said(key: string, pod: KubeObject): string | undefined {
    return this.#followers.get(key)?.said(pod)
  }

  /** Ends all that goes on for a cluster. */
  end(key: string): void {
    this.#calls.get(key)?.tasks.keep(new Set())
    this.#calls.delete(key)
    this.#followers.get(key)?.keep([])
    this.#followers.delete(key)
  }

  #followerOf(key: string): Follower {
    const known = this.#followers.get(key)
    if (known !== undefined) return known
    const { client, wake, faults, now } = this.#options
    const onEnd = (error?: unknown) => void faults.take(key, 'follower', error === undefined ? [] : [error])
    const follower = new Follower({ client, wake: (delay) => wake(key, delay), now, onEnd })
    this.#followers.set(key, follower)
    return follower
  }
}
