/** What a browser would have seen of the dashboard. */
export interface DashboardVisit {
  readonly status: number
  /** The page's text, without marks. */
  readonly text: string
  /** Path and query that the visit ended at. */
  readonly path: string
}

/** Redirects that are followed at most. */
const REDIRECTS = 5
/** An answer that takes longer is none, in ms. */
const TIMEOUT = 20_000

/** A visitor of Horizon without a browser: it keeps cookies, follows redirects and fills in the log-in form. */
export class DashboardVisitor {
  readonly #url: string
  readonly #cookies = new Map<string, string>()
  readonly #signal: AbortSignal | undefined

  /** @param url where the dashboard is, without a path */
  constructor(url: string, signal?: AbortSignal) {
    this.#url = url
    this.#signal = signal
  }

  /** Gets a page. Throws where no answer comes. */
  get(path: string): Promise<DashboardVisit> {
    return this.#visit(path, {})
  }

  /** Logs in, as a person does it with the form; where that leads to is returned, whether it worked or not. */
  async logIn(user: string, password: string, domain: string): Promise<DashboardVisit> {
    await this.get('/auth/login/')
    const token = this.#cookies.get('csrftoken') ?? ''
    const form = new URLSearchParams({ csrfmiddlewaretoken: token, username: user, password, domain, region: 'default', auth_type: 'credentials' })
    return this.#visit('/auth/login/', { method: 'POST', body: form, headers: { referer: `${this.#url}/auth/login/` } })
  }

  async #visit(path: string, init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> }): Promise<DashboardVisit> {
    let url = new URL(path, this.#url)
    let request = init
    for (let count = 0; count <= REDIRECTS; count++) {
      const timeout = AbortSignal.timeout(TIMEOUT)
      const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      const answer = await fetch(url, {
        ...request,
        headers: { ...request.headers, ...(cookie === '' ? {} : { cookie }) },
        redirect: 'manual',
        signal: this.#signal ? AbortSignal.any([this.#signal, timeout]) : timeout,
      })
      for (const line of answer.headers.getSetCookie()) this.#keep(line)
      const location = answer.headers.get('location')
      if (answer.status < 300 || answer.status >= 400 || location === null)
        return { status: answer.status, text: textOf(await answer.text()), path: `${url.pathname}${url.search}` }
      await answer.arrayBuffer()
      url = new URL(location, url)
      request = {}
    }
    throw new Error(`${path} of ${this.#url} redirects more than ${REDIRECTS} times, at last to ${url.pathname}`)
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    if (value === '' || value === '""') this.#cookies.delete(name)
    else this.#cookies.set(name, value)
  }
}

/** The words of a page. */
export function textOf(page: string): string {
  return page
    .replaceAll(/<(script|style)\b.*?<\/\1>/gs, ' ')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
