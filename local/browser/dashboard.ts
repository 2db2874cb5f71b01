import type { Page } from 'playwright-core'
import type { Quota } from './quotas.ts'
import { quotas } from './quotas.ts'

/** Who logs in. */
export interface Account {
  readonly username: string
  readonly password: string
  readonly domain: string
}

/** The dashboard's log-in page did not let somebody in. */
export class LogInRefused extends Error {
  override name = 'LogInRefused'
  /** What the page says. */
  readonly sentence: string

  constructor(username: string, sentence: string) {
    super(`the dashboard does not let ${username} in: ${sentence}`)
    this.sentence = sentence
  }
}

/** Horizon in a page of a browser. */
export class Dashboard {
  readonly page: Page
  readonly #url: string

  /** @param url where Horizon is, as in the status' endpoint `horizon` */
  constructor(page: Page, url: string) {
    this.page = page
    this.#url = url.replace(/\/$/, '')
  }

  /** Opens a page by its path and waits until nothing more is loaded. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${this.#url}/${path.replace(/^\//, '')}`)
    await this.page.waitForLoadState('networkidle')
  }

  /** Logs in and waits for the first page. Throws LogInRefused with the sentence that a person reads instead. */
  async logIn({ username, password, domain }: Account): Promise<void> {
    const { page } = this
    await page.goto(`${this.#url}/auth/login/`)
    await page.fill('#id_username', username)
    await page.fill('#id_password', password)
    await page.fill('#id_domain', domain)
    const answered = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().includes('/auth/login/'))
    await page.click('#loginBtn')
    await answered
    await page.waitForLoadState('load')
    if (await page.locator('#loginBtn').isVisible()) throw new LogInRefused(username, await this.sentence())
  }

  /** The sentence of the page's first alert, '' where there is none: why a log-in failed, or why one has to log in again. */
  async sentence(): Promise<string> {
    const [text = ''] = await this.page.locator('.alert:visible').allInnerTexts()
    return text.replaceAll(/\s+/g, ' ').trim()
  }

  /** What the overview says of the project's quotas. */
  async overview(): Promise<Quota[]> {
    await this.open('project/')
    return quotas(await this.page.locator('#content_body').innerText())
  }
}
