import type { OutsideOptions } from '../../operator/cluster/outside.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import type { OutsideCall, Outcome } from '../../operator/model/outside.ts'
import { ServiceError } from '../../operator/openstack/error.ts'
import type { ProcessClock } from './clock.ts'

/** A call that takes no longer, in ms, is one of those that a cloud at rest makes now and then. */
const QUICK = 1_000

/** What becomes of a call. `refused`: nothing was done; `lost`: it was done, and nobody heard of it. `after`: how long it takes, in ms. */
export interface CallFate {
  readonly kind: 'done' | 'refused' | 'lost'
  readonly after: number
}

/** The database, the broker and OpenStack's APIs, as far as they keep what the operator has told them. */
export class OutsideModel {
  /** Passwords by kind and user, e.g. `database keystone`. */
  readonly passwords = new Map<string, string>()
  /** Entries of the catalogue, by type. */
  readonly catalogue = new Set<string>()
  readonly databases = new Set<string>()
  /** When the last of the slow calls that were made comes to its end, in ms. */
  slowUntil = 0
  readonly #mapped = new Set<string>()
  readonly #images = new Set<string>()
  #entered: OutsideOptions['password'] | undefined

  /** The way in of one process. Throws where the administrator's password is another one than before. */
  enter(
    { password }: OutsideOptions,
    clock: Pick<ProcessClock, 'now' | 'outlived'>,
    fate: () => CallFate,
  ): { perform: (call: OutsideCall, signal: AbortSignal) => Promise<Outcome> } {
    this.#entered ??= password
    if (this.#entered !== password) throw new Error("the administrator's password has changed")
    return {
      perform: (call, signal) => {
        const { promise, resolve, reject } = Promise.withResolvers<Outcome>()
        const { kind, after } = fate()
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        if (after > QUICK) this.slowUntil = Math.max(this.slowUntil, clock.now() + after)
        clock.outlived(after, () => {
          if (kind !== 'refused') this.#take(call)
          if (kind === 'done') resolve(this.answer(call))
          else
            reject(
              new ServiceError({ service: call.kind, method: 'POST', url: 'http://model', detail: 'by chance', ...(kind === 'lost' ? { status: 500 } : {}) }),
            )
        })
        return promise
      },
    }
  }

  /** Another outside that holds the same. */
  copy(): OutsideModel {
    const copy = new OutsideModel()
    for (const [user, password] of this.passwords) copy.passwords.set(user, password)
    for (const type of this.catalogue) copy.catalogue.add(type)
    for (const name of this.databases) copy.databases.add(name)
    for (const host of this.#mapped) copy.#mapped.add(host)
    for (const name of this.#images) copy.#images.add(name)
    copy.#entered = this.#entered
    return copy
  }

  /** Nothing is left of the cloud's data: the next one starts anew. */
  forget(): void {
    for (const kept of [this.passwords, this.catalogue, this.databases, this.#mapped, this.#images]) kept.clear()
    this.#entered = undefined
  }

  /** A Job has done its work here. */
  jobDone({ metadata, spec }: KubeObject): void {
    const { template } = spec as { template: { spec: { containers: readonly { env?: readonly { name: string; value?: string }[] }[] } } }
    const upload = template.spec.containers[0]?.env?.find(({ name }) => name === 'UPLOAD_IMAGE')?.value
    if (upload !== undefined) this.#images.add((JSON.parse(upload) as { image: { name: string } }).image.name)
    if (metadata.name.startsWith('nova-discover')) this.#mapped.add('all')
  }

  /** What a call finds now. */
  answer(call: OutsideCall): Outcome {
    switch (call.kind) {
      case 'compute': {
        const mapped = this.#mapped.has('all')
        const compute = call.want.map((host) => ({ host, up: true, registered: true, mapped, servers: 0 }))
        return {
          ready: mapped || call.want.length === 0,
          message: mapped ? '' : 'hosts are being mapped',
          data: { compute },
          recheckAfter: mapped ? 30_000 : 1000,
        }
      }
      case 'images': {
        const there = call.want.filter(({ name }) => this.#images.has(name))
        const images = Object.fromEntries(there.map(({ name }) => [name, { id: name, status: 'active' }]))
        const ready = there.length === call.want.length
        return { ready, message: ready ? '' : 'images are missing', data: { images }, ...(ready ? {} : { recheckAfter: 20_000 }) }
      }
      case 'volume-backends':
        return { ready: true, data: { abandonedVolumeServices: [] } }
      default:
        return { ready: true }
    }
  }

  /** What is not as a call wants it; '' where all is. */
  lacks(call: OutsideCall): string {
    const passwords = passwordsOf(call).find(([user, password]) => this.passwords.get(user) !== password)
    if (passwords !== undefined) return `${passwords[0]} has another password`
    switch (call.kind) {
      case 'database':
        return call.want.every(({ database }) => this.databases.has(database)) ? '' : 'a database is missing'
      case 'identity':
        return (call.want.services ?? []).every(({ type }) => this.catalogue.has(type)) ? '' : 'an entry of the catalogue is missing'
      case 'unregister':
        return call.want.every(({ type }) => !this.catalogue.has(type)) ? '' : 'an entry of the catalogue is left'
      case 'drop-databases':
        return call.want.every((name) => !this.databases.has(name)) ? '' : 'a database is left'
      default:
        return ''
    }
  }

  #take(call: OutsideCall): void {
    for (const [user, password] of passwordsOf(call)) this.passwords.set(user, password)
    if (call.kind === 'database') for (const { database } of call.want) this.databases.add(database)
    if (call.kind === 'drop-databases') for (const name of call.want) this.databases.delete(name)
    if (call.kind === 'identity') for (const { type } of call.want.services ?? []) this.catalogue.add(type)
    if (call.kind === 'unregister') for (const { type } of call.want) this.catalogue.delete(type)
  }
}

function passwordsOf(call: OutsideCall): [user: string, password: string][] {
  switch (call.kind) {
    case 'database':
    case 'messaging':
      return call.want.map(({ user, password }) => [`${call.kind} ${user}`, password])
    case 'identity':
      return (call.want.users ?? []).flatMap(({ name, password }): [string, string][] => (password === undefined ? [] : [[`identity ${name}`, password]]))
    default:
      return []
  }
}
