import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import type { HostOptions } from '../host.ts'
import { ensurePackages } from '../host.ts'

/** Debian's package and Google's, by their names on PATH. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const
const INSTALLED = '/usr/bin/chromium'

/** Makes sure that there is a Chromium; Debian's is installed where there is none. Returns its path. */
export async function ensureChromium(options: HostOptions = {}): Promise<string> {
  const folders = (process.env['PATH'] ?? '').split(':')
  const found = NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find((path) => existsSync(path))
  if (found !== undefined) return found
  // Without fonts, letters are boxes.
  await ensurePackages(options, { chromium: [INSTALLED], 'fonts-dejavu-core': ['/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf'] })
  return INSTALLED
}

/** How long one thing on a page may take, in ms: a guest's boot is the longest. */
const PATIENCE = 90_000
/** Of the pages, in CSS pixels. */
const VIEWPORT = { width: 1280, height: 800 } as const

/** Starts a headless browser, gives `work` the means to open pages (each with cookies of its own), and ends the browser with all of them. */
export async function withBrowser<T>(work: (newPage: () => Promise<Page>) => Promise<T>, options: HostOptions = {}): Promise<T> {
  const { signal } = options
  const executablePath = await ensureChromium(options)
  signal?.throwIfAborted()
  // Chromium refuses to run as root with its sandbox on.
  const browser = await chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 })
  const end = () => void browser.close()
  signal?.addEventListener('abort', end, { once: true })
  try {
    return await work(async () => {
      const context = await browser.newContext({ viewport: VIEWPORT, ignoreHTTPSErrors: true })
      context.setDefaultTimeout(PATIENCE)
      return context.newPage()
    })
  } catch (error) {
    // What fails first when the browser is gone says less than why it went.
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', end)
    await browser.close()
  }
}
