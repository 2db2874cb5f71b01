import { request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { succeeds } from '../command.ts'

/** How often the outside of a guest is looked at while something is awaited, in ms: nothing there tells by itself. */
const INTERVAL = 500

/** Headers of an IPv4 packet with an ICMP echo, in bytes. */
const HEADERS = 28

/** The arguments of ping for one packet that is answered within a second; of so many bytes in all, which nobody on the way may cut, or a small one. */
export function pingArguments(address: string, bytes?: number): string[] {
  return ['-n', '-c', '1', '-W', '1', ...(bytes === undefined ? [] : ['-M', 'do', '-s', String(bytes - HEADERS)]), address]
}

/** Whether an address answers one ping within a second. */
export function pings(address: string, signal?: AbortSignal, bytes?: number): Promise<boolean> {
  return succeeds('ping', pingArguments(address, bytes), signal)
}

/** The page that a guest serves on port 80; `undefined` where none comes within two seconds. */
export function page(address: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request({ host: address, port: 80, path: '/', timeout: 2000, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => (text += part))
      answer.on('end', () => resolve(text))
      answer.on('error', () => resolve(undefined))
    })
    asked.on('timeout', () => asked.destroy())
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

/** Waits until `look` gives something; throws a sentence with what was seen last when it does not within `seconds`. */
export async function eventually<T>(what: string, seconds: number, look: () => Promise<T | undefined | false>, signal?: AbortSignal): Promise<T> {
  const deadline = performance.now() + seconds * 1000
  for (;;) {
    signal?.throwIfAborted()
    const seen = await look()
    if (seen !== undefined && seen !== false) return seen
    if (performance.now() > deadline) throw new Error(`expected ${what} within ${seconds} s, and it did not come`)
    await delay(INTERVAL, undefined, signal ? { signal } : {})
  }
}
