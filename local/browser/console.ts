import type { Frame, Page } from 'playwright-core'
import type { Dashboard } from './dashboard.ts'
import { openInstanceTab } from './instances.ts'

/** What a guest's screen showed at one moment. */
export interface Screen {
  readonly width: number
  readonly height: number
  /** How many of its pixels are not dark. */
  readonly lit: number
  /** Two screens with the same number show the same; in hexadecimal digits. */
  readonly hash: string
}

/**
 * Reads the screen in the page, which draws it on a canvas: counts what is brighter than a dark grey, and hashes all of it (FNV-1a). The pages
 * of a browser have no types here, hence a text.
 */
const READ_SCREEN = `(() => {
  const canvas = document.querySelector('#screen canvas')
  if (canvas === null || canvas.width === 0) return { width: 0, height: 0, lit: 0, hash: '' }
  const { width, height } = canvas
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
  let lit = 0
  let hash = 0x811c9dc5
  for (let at = 0; at < data.length; at += 4) {
    if (data[at] + data[at + 1] + data[at + 2] > 96) lit++
    for (let channel = 0; channel < 3; channel++) hash = Math.imul(hash ^ data[at + channel], 0x01000193)
  }
  return { width, height, lit, hash: (hash >>> 0).toString(16) }
})()`

/** More than a cursor that blinks, less than one word. */
const WORD = 40
/** Between two keys, in ms: the keyboard of a guest holds 16 codes, of which a key takes up to four, and drops what is more. */
const PACE = 60

/** A guest's console in the page that nova-novncproxy serves. */
export class GuestConsole {
  readonly #frame: Frame

  constructor(frame: Frame) {
    this.#frame = frame
  }

  /** What the page says: connecting, connected, or why not. */
  async status(): Promise<string> {
    return this.#frame.locator('#status').innerText()
  }

  /** Waits until the page is past connecting. Returns its state: `connected`, `invalid` (the link), `away` (the proxy), or `lost`. */
  async settled(): Promise<string> {
    const header = this.#frame.locator('header:not([data-state=connecting])')
    await header.waitFor()
    return (await header.getAttribute('data-state')) ?? ''
  }

  /** What the screen shows now. */
  read(): Promise<Screen> {
    return this.#frame.evaluate<Screen>(READ_SCREEN)
  }

  /** Waits until something can be read on the screen. Throws what the page says where there is no connection. */
  async waitForScreen(): Promise<Screen> {
    if ((await this.settled()) !== 'connected') throw new Error(`no console: ${await this.status()}`)
    await this.#frame.waitForFunction(`${READ_SCREEN}.lit > ${WORD}`)
    return this.read()
  }

  /**
   * Types as a person does, and waits until so many pixels more or less are lit: at least a word's worth, or what the guest is to answer. Returns the
   * screens before and after. For a guest that is done with its boot, of which the screen tells as well.
   */
  async type(text: string, change = WORD): Promise<{ readonly before: Screen; readonly after: Screen }> {
    await this.#frame.locator('#screen canvas').click()
    const before = await this.read()
    await this.#frame.page().keyboard.type(text, { delay: PACE })
    await this.#frame.waitForFunction(`Math.abs(${READ_SCREEN}.lit - ${before.lit}) > ${change}`)
    return { before, after: await this.read() }
  }
}

/** Opens the URL of a console, as `openstack console url show` prints it. */
export async function openConsole(page: Page, url: string): Promise<GuestConsole> {
  await page.goto(url)
  return new GuestConsole(page.mainFrame())
}

/** Opens the console tab of an instance in the dashboard. Throws what the tab says where there is no console. */
export async function openConsoleTab(dashboard: Dashboard, name: string): Promise<GuestConsole> {
  await openInstanceTab(dashboard, name, 'console')
  // Either the frame or what is shown instead of it.
  await dashboard.page.locator('#console_embed').or(dashboard.page.locator('.tab-content .well')).waitFor()
  const element = await dashboard.page.$('#console_embed')
  const frame = await element?.contentFrame()
  if (!frame) throw new Error(`the console tab of ${name} has no console: ${await dashboard.page.locator('#content_body').innerText()}`)
  return new GuestConsole(frame)
}
