import type { KubeClient } from '../../operator/kube/client.ts'
import type { ResourceType } from '../../operator/kube/types.ts'

/** A client that dies: it sends nothing any more, and who waits for an answer of it waits for ever. */
export interface MortalClient {
  readonly client: KubeClient
  /** Resolves when it has died. */
  readonly death: Promise<void>
  /** Writes so far; Events are none. */
  writes(): number
}

/** A client that dies right after its n-th write, which the server has done, and before the answer. */
export function mortal(real: KubeClient, last: number): MortalClient {
  const { promise: death, resolve: die } = Promise.withResolvers<void>()
  let writes = 0
  let dead = false
  const silence = <T>(): Promise<T> => new Promise<T>(() => {})

  async function ask<T>(request: () => Promise<T>): Promise<T> {
    if (dead) return silence()
    const answer = await request()
    return dead ? silence() : answer
  }

  async function write<T>(type: ResourceType, request: () => Promise<T>): Promise<T> {
    if (type.kind === 'Event') return ask(request)
    if (dead) return silence()
    const answer = await request()
    writes += 1
    if (writes === last) {
      dead = true
      die()
    }
    return dead ? silence() : answer
  }

  const client: KubeClient = {
    get: (...parameters) => ask(() => real.get(...parameters)),
    list: (...parameters) => ask(() => real.list(...parameters)),
    async *watch(...parameters) {
      if (dead) await silence()
      for await (const event of real.watch(...parameters)) {
        if (dead) await silence()
        yield event
      }
    },
    log: (...parameters) => real.log(...parameters),
    create: (type, ...parameters) => write(type, () => real.create(type, ...parameters)),
    apply: (type, ...parameters) => write(type, () => real.apply(type, ...parameters)),
    patch: (type, ...parameters) => write(type, () => real.patch(type, ...parameters)),
    update: (type, ...parameters) => write(type, () => real.update(type, ...parameters)),
    delete: (type, ...parameters) => write(type, () => real.delete(type, ...parameters)),
    close: () => Promise.resolve(),
  }
  return { client, death, writes: () => writes }
}
