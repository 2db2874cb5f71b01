import { setTimeout as delay } from 'node:timers/promises'
import { Agent, fetch } from 'undici'
import type { Dispatcher } from 'undici'

/** Who logs in, and where. */
export interface TokenLogin {
  /** Keystone's public URL with its version, e.g. `http://10.0.0.1:30000/v3`. */
  readonly authUrl: string
  readonly username: string
  readonly password: string
  readonly project: string
}

/** A request that was not answered as it should have been. */
export interface Lost {
  readonly at: string
  readonly what: string
  readonly reason: string
}

/** One log-in costs a quarter of a second of a processor (bcrypt), so there are few of them; validations are cheap. In ms. */
const ISSUE_EVERY = 700
const VALIDATE_EVERY = 150
/** An answer that takes longer is lost, in ms: everything else on the machine runs at the same time. */
const PATIENCE = 30_000
/** Before a request that got no connection is made again the first time, in ms; each further time it is twice as long, as keystoneauth has it. */
const FIRST_REPEAT = 500
/** Tokens that are validated: the newest ones, and the first of all, which is as old as the load. */
const KEPT = 20

/** A steady load of log-ins and validations of tokens, half over connections of their own and half over kept ones. It counts what is lost. */
export class TokenLoad {
  readonly #login: TokenLogin
  readonly #repeats: number
  readonly #stop = new AbortController()
  readonly #loops: readonly Promise<void>[]
  readonly #running = new Set<Promise<void>>()
  readonly #keeping = new Agent({ connections: 4 })
  readonly #tokens: string[] = []
  readonly lost: Lost[] = []
  issued = 0
  validated = 0
  /** Requests that were made again. */
  repeated = 0

  /**
   * @param options.repeats how often a request is made again at most whose connection failed: keystoneauth's `connect_retries`
   * @param options.share of the steady load, for several side by side
   */
  constructor(login: TokenLogin, { repeats = 0, share = 1 }: { readonly repeats?: number; readonly share?: number } = {}) {
    this.#login = login
    this.#repeats = repeats
    this.#loops = [
      this.#every(ISSUE_EVERY / share, 'log-in', (dispatcher) => this.#issue(dispatcher)),
      this.#every(VALIDATE_EVERY / share, 'validation', (dispatcher) => this.#validate(dispatcher)),
    ]
  }

  /** Ends the load, once what is under way has been answered. */
  async stop(): Promise<void> {
    this.#stop.abort()
    await Promise.all(this.#loops)
    await Promise.all(this.#running)
    await this.#keeping.close()
  }

  /** Asks at a steady rate, whether earlier requests are answered or not. */
  async #every(interval: number, what: string, ask: (dispatcher: Dispatcher) => Promise<void>): Promise<void> {
    for (let count = 0; !this.#stop.signal.aborted; count++) {
      const running = this.#ask(what, count % 2 === 0, ask)
      this.#running.add(running)
      void running.then(() => this.#running.delete(running))
      await delay(interval, undefined, { signal: this.#stop.signal }).catch(() => undefined)
    }
  }

  async #ask(what: string, anew: boolean, ask: (dispatcher: Dispatcher) => Promise<void>): Promise<void> {
    const dispatcher = anew ? new Agent({ connections: 1 }) : this.#keeping
    try {
      await this.#repeat(() => ask(dispatcher))
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : ''
      this.lost.push({ at: new Date().toISOString(), what, reason: `${error instanceof Error ? error.message : String(error)}${cause}` })
    } finally {
      if (anew) await dispatcher.close()
    }
  }

  async #repeat(ask: () => Promise<void>): Promise<void> {
    for (let count = 0; ; count++) {
      try {
        return await ask()
      } catch (error) {
        // An answer that is no good, or none in time, is not made again.
        const unconnected = error instanceof TypeError && error.cause instanceof Error
        if (!unconnected || count >= this.#repeats) throw error
        this.repeated += 1
        await delay(FIRST_REPEAT * 2 ** count)
      }
    }
  }

  async #issue(dispatcher: Dispatcher): Promise<void> {
    const { authUrl, username, password, project } = this.#login
    const domain = { name: 'Default' }
    const answer = await fetch(`${authUrl}/auth/tokens`, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(PATIENCE),
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        auth: {
          identity: { methods: ['password'], password: { user: { name: username, domain, password } } },
          scope: { project: { name: project, domain } },
        },
      }),
    })
    const text = await answer.text()
    const token = answer.headers.get('x-subject-token')
    if (answer.status !== 201 || token === null) throw new Error(`${answer.status} ${text.slice(0, 200)}`)
    this.issued += 1
    this.#tokens.push(token)
    if (this.#tokens.length > KEPT) this.#tokens.splice(1, 1)
  }

  async #validate(dispatcher: Dispatcher): Promise<void> {
    const token = this.#tokens[this.validated % Math.max(1, this.#tokens.length)]
    if (token === undefined) return
    const answer = await fetch(`${this.#login.authUrl}/auth/tokens`, {
      dispatcher,
      signal: AbortSignal.timeout(PATIENCE),
      headers: { 'x-auth-token': token, 'x-subject-token': token },
    })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`${answer.status} ${text.slice(0, 200)}`)
    this.validated += 1
  }
}
