import { apiVersion, kind, labels } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { stepsOf } from '../../operator/cluster/graph.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { wantedCredentials } from '../../operator/cluster/foundation.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import { credentialsSecretName } from '../../operator/model/scope.ts'
import type { Scope } from '../../operator/model/scope.ts'
import type { Step } from '../../operator/model/step.ts'
import type { WorkQueue } from '../../operator/runtime/queue.ts'
import { ModelApi } from './api.ts'
import { Built } from './built.ts'
import { modelClient } from './client.ts'
import type { Fate, Weather } from './client.ts'
import { ProcessClock, VirtualClock } from './clock.ts'
import { Controllers } from './controllers.ts'
import { Dice } from './dice.ts'
import { startOperator } from './operator.ts'
import { OutsideModel } from './outside.ts'
import type { CallFate } from './outside.ts'
import { Person } from './person.ts'
import { noOdds } from './schedule.ts'
import type { Action, Odds, Schedule } from './schedule.ts'

export const NAMESPACE = 'openstack'
export const NAME = 'teruwa'
const RIVAL = 'rival'
const { secrets, nodes } = ResourceTypes

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

/** One cloud, its operator and all that befalls them, as a seed has it. */
export class World {
  readonly clock: VirtualClock
  readonly api: ModelApi
  readonly outside: OutsideModel
  readonly schedule: Schedule
  readonly person: Person
  /** What must never be, and was. */
  readonly sins: string[] = []
  /** Writes of the operator so far. */
  writes = 0
  readonly #dice: Dice
  readonly #trace: ((line: string) => void) | undefined
  readonly #controllers: Controllers
  #odds: Odds
  #process: ProcessClock | undefined
  #stop = new AbortController()
  #queue: WorkQueue | undefined
  /** After how many more writes the operator dies, and how long it is away then. */
  #doom: { writes: number; downFor: number } | undefined
  #passwords = new Map<string, string>()
  readonly built: Built
  /** Breaks off each of the watches. */
  readonly #breaks = new Set<() => void>()

  /** `origin`: a Ready cloud of the same shape, to begin with. */
  constructor(schedule: Schedule, origin?: World, trace?: (line: string) => void) {
    const dice = new Dice(schedule.seed + 1)
    this.schedule = schedule
    this.#dice = dice.fork()
    this.#odds = schedule.odds
    this.clock = new VirtualClock(origin?.clock.now())
    const start = this.clock.now()
    this.#trace = trace && ((line) => trace(`${((this.clock.now() - start) / 1000).toFixed(3).padStart(9)} ${line}`))
    const now = () => this.clock.now()
    this.api = origin?.api.copy(now) ?? new ModelApi(now)
    this.outside = origin?.outside.copy() ?? new OutsideModel()
    this.built = new Built(origin?.built)
    this.person = new Person(this.api, NAMESPACE)
    this.#controllers = new Controllers({
      api: this.api,
      clock: this.clock,
      dice: dice.fork(),
      pods: this.schedule.pods,
      jobFails: () => this.#dice.chance(this.#odds.jobFails),
      onJobDone: (job) => this.outside.jobDone(job),
    })
    this.api.listen((type, event) => {
      if (type.plural === 'secrets' && event.object.metadata.name === credentialsSecretName(NAME)) this.#guard(event.type, event.object)
      const { kind, metadata, note } = event.object
      this.#trace?.(`${event.type} ${kind} ${metadata.name} @${event.revision}${typeof note === 'string' ? `: ${note}` : ''}`)
    })
    const kept = this.api.get(secrets, NAMESPACE, credentialsSecretName(NAME))
    if (kept !== undefined) this.#guard('ADDED', kept)
    if (origin !== undefined) return
    for (let index = 1; index <= this.schedule.nodes; index++) this.api.create(nodes, nodeOf(`node-${index}`), 'kubelet')
    for (const node of this.api.list(nodes)) this.#setNode(node, true)
    this.createCluster()
  }

  /** The steps that this cloud consists of. */
  readonly steps = (scope: Scope): Step[] => {
    const steps = cutDown(stepsOf(scope), this.schedule.roots)
    return this.schedule.remembers ? this.built.of(scope, steps) : steps
  }

  get cluster(): OpenStackCluster | undefined {
    return this.api.get(openStackClusters, NAMESPACE, NAME) as OpenStackCluster | undefined
  }

  createCluster(name = NAME): void {
    this.api.create(openStackClusters, { apiVersion, kind, metadata: { name, namespace: NAMESPACE }, spec: this.schedule.spec }, 'kubectl')
  }

  /** Starts an operator where none runs. */
  startOperator(): void {
    if (this.#process?.alive) return
    const process = new ProcessClock(this.clock, this.#dice.random)
    const client = modelClient({ api: this.api, clock: process, weather: this.#weather(), onWrite: (...write) => this.#wrote(process, ...write) })
    this.#process = process
    this.#stop = new AbortController()
    this.#trace?.('the operator starts')
    this.#queue = startOperator(
      {
        client,
        clock: process,
        steps: this.steps,
        random: this.#dice.random,
        randomBytes: this.#dice.bytes,
        log: this.#trace === undefined ? silent : logTo(this.#trace, () => process.alive),
        outside: (options) => {
          try {
            return this.outside.enter(options, process, () => this.#callFate())
          } catch (error) {
            this.sins.push(String(error))
            throw error
          }
        },
      },
      this.#stop.signal,
    )
  }

  /** Kills the operator. Nothing of it runs on; what it has sent may still arrive. */
  kill(downFor: number): void {
    if (!this.#process?.alive) return
    this.#trace?.(`the operator dies, for ${downFor} ms`)
    this.#process.kill()
    this.#doom = undefined
    this.clock.after(downFor, () => this.startOperator())
  }

  /** Lets the operator look at the cloud, though nothing happened. */
  poke(): void {
    this.#queue?.add(`${NAMESPACE}/${NAME}`)
  }

  perform(action: Action): void {
    this.#trace?.(`it happens: ${JSON.stringify(action)}`)
    switch (action.kind) {
      case 'crash':
        return this.kill(action.downFor)
      case 'crash-after-writes':
        this.#doom ??= { writes: action.writes, downFor: action.downFor }
        return undefined
      case 'edit':
      case 'delete': {
        const deed = this.person[action.kind](action.chance)
        this.#trace?.(`a person: ${deed}`)
        return undefined
      }
      case 'break': {
        const found = this.person.workload(action.chance)
        if (found !== undefined) this.#controllers.breakDown(...found)
        return undefined
      }
      case 'spec':
        return this.#patchCluster({ spec: action.change.patch })
      case 'ask-again':
        return this.#patchCluster({ metadata: { annotations: { [`${apiVersion.split('/')[0]}/reconcile-requested-at`]: String(this.clock.now()) } } })
      case 'touch-credentials': {
        const name = credentialsSecretName(NAME)
        const body = { metadata: { annotations: { somebodys: String(this.clock.now()) } } }
        if (this.api.get(secrets, NAMESPACE, name) !== undefined) this.api.patch(secrets, NAMESPACE, name, body, { fieldManager: 'kubectl-edit' })
        return undefined
      }
      case 'compact':
        // Who resumes its watch finds the version gone, where something was written meanwhile.
        for (const run of this.#breaks) run()
        this.clock.after(150, () => this.api.compact())
        return undefined
      case 'rival':
        if (this.cluster && this.cluster.metadata.deletionTimestamp === undefined && this.api.get(openStackClusters, NAMESPACE, RIVAL) === undefined)
          this.createCluster(RIVAL)
        return undefined
      case 'node': {
        const [node] = this.api.list(nodes)
        if (node !== undefined) this.#setNode(node, action.ready)
        return undefined
      }
      case 'delete-cluster':
        // Else the other one would take its place, with data that it has no passwords for.
        for (const name of [RIVAL, NAME]) this.api.delete(openStackClusters, NAMESPACE, name)
        return undefined
      default:
        throw new TypeError(`unknown action ${JSON.stringify(action satisfies never)}`)
    }
  }

  /** The storm is over: nothing fails any more, and the cloud is wanted. */
  calm(): void {
    this.#trace?.('all is calm')
    this.#odds = noOdds
    this.#doom = undefined
    for (const node of this.api.list(nodes)) this.#setNode(node, true)
    this.api.delete(openStackClusters, NAMESPACE, RIVAL)
    this.#patchCluster({ spec: { paused: false } })
    this.startOperator()
  }

  #patchCluster(body: unknown): void {
    if (this.cluster !== undefined) this.api.patch(openStackClusters, NAMESPACE, NAME, body, { fieldManager: 'kubectl-edit' })
  }

  #setNode({ metadata }: KubeObject, ready: boolean): void {
    const addresses = [{ type: 'InternalIP', address: `10.0.0.${metadata.name.slice(5)}` }]
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'Unknown', lastTransitionTime: '2030-01-01T00:00:00Z' }]
    this.api.patch(nodes, undefined, metadata.name, { status: { addresses, conditions } }, { subresource: 'status', fieldManager: 'kubelet' })
  }

  #wrote(process: ProcessClock, method: string, type: ResourceType, name: string): void {
    this.#trace?.(`the operator: ${method} ${type.kind} ${name}`)
    this.writes += 1
    if (this.#doom === undefined || --this.#doom.writes > 0 || !process.alive) return
    this.kill(this.#doom.downFor)
  }

  /** A password or key pair is made once, and stays for as long as the data does. */
  #guard(what: string, { data = {} }: KubeObject): void {
    const { cluster } = this
    if (what === 'DELETED') {
      if (cluster?.spec.deletionPolicy !== 'Delete' || cluster.metadata.deletionTimestamp === undefined) this.sins.push('the credentials were deleted')
      this.#passwords.clear()
      this.outside.forget()
      return
    }
    const kinds = cluster === undefined ? {} : wantedCredentials(cluster.spec)
    for (const [name, value] of this.#passwords) if (data[name] !== value) this.sins.push(`the credential ${name} has changed`)
    for (const [name, value] of Object.entries(data)) if (kinds[name] === 'password' || kinds[name] === 'ssh-key') this.#passwords.set(name, value)
  }

  #weather(): Weather {
    const dice = this.#dice
    return {
      onBreak: (run) => {
        this.#breaks.add(run)
        return () => this.#breaks.delete(run)
      },
      latency: () => (dice.chance(this.#odds.slow) ? dice.between(50, 5000) : 2),
      fate: (method) => this.#fate(method),
      lag: () => (this.#odds.lag > 100 ? dice.between(0, this.#odds.lag) : this.#odds.lag),
      watchEnd: () => (dice.chance(this.#odds.watchEnds) ? { after: dice.between(0, 60_000), broken: dice.chance(0.5) } : { after: Infinity, broken: false }),
    }
  }

  #fate(method: string): Fate {
    const { busy, error, lost, conflict } = this.#odds
    const dice = this.#dice
    if (dice.chance(busy)) return { kind: 'refused', status: 429 }
    if (dice.chance(error)) return { kind: 'refused', status: dice.pick([500, 503, undefined]) }
    if (method === 'GET') return { kind: 'done' }
    if (dice.chance(lost)) return { kind: 'lost', status: dice.pick([500, 504, undefined]) }
    return dice.chance(conflict) ? { kind: 'refused', status: 409 } : { kind: 'done' }
  }

  #callFate(): CallFate {
    const { callFails, callSlow } = this.#odds
    const dice = this.#dice
    const after = dice.chance(callSlow) ? dice.between(1000, 60_000) : 500 * dice.between(1, 2)
    return { kind: dice.chance(callFails) ? dice.pick(['refused', 'lost'] as const) : 'done', after }
  }
}

/** Those of the steps that match, with all that they need. */
export function cutDown(all: readonly Step[], roots: RegExp | undefined): Step[] {
  const byId = new Map(all.map((step) => [step.id, step]))
  const kept = new Set<string>()
  const keep = (id: string): void => {
    if (kept.has(id)) return
    kept.add(id)
    byId.get(id)?.needs.forEach(keep)
  }
  for (const { id } of all) if (roots?.test(id) ?? true) keep(id)
  return all.filter(({ id }) => kept.has(id))
}

function nodeOf(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { [labels.hypervisor]: '', [labels.network]: '' } } }
}

function logTo(trace: (line: string) => void, isAlive: () => boolean) {
  const line =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) => {
      const texts = Object.entries(fields).map(([name, value]) => `${name}=${value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value)}`)
      if (isAlive()) trace(`${level}: ${message} ${texts.join(' ')}`)
    }
  return { debug: () => {}, info: line('info'), warn: line('warn'), error: line('error') }
}
