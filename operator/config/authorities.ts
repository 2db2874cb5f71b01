import { authorityCertificate, endOf, issue } from './certificates.ts'
import type { Authority, KeyAndCertificate } from './certificates.ts'
import type { RandomBytes } from './random.ts'

// The authorities of certificates as JSON, newest first. The newest is staged: others trust it already, and nothing is signed with it yet. The second
// one signs. Those after it still are trusted, for who has not got his new certificate yet.

/** A staged authority and one that signs. `now` in ms since the epoch. */
export function newAuthorities(random: RandomBytes, now: number): string {
  return JSON.stringify([newAuthority(random, now), newAuthority(random, now)])
}

/** The authorities after a rotation: the staged one signs from now on, a new one is staged, and at most `keep` stay. None whose time is over stays. */
export function rotateAuthorities(text: string, keep: number, random: RandomBytes, now: number): string {
  const valid = authoritiesOf(text).filter((authority) => endOf(authority) > now)
  const signing = valid.length === 0 ? [newAuthority(random, now)] : valid
  return JSON.stringify([newAuthority(random, now), ...signing].slice(0, keep))
}

/** What two that trust each other need, all PEM. */
export interface Trust extends KeyAndCertificate {
  /** The certificates of all authorities that are trusted, one after the other. */
  readonly authorities: string
}

/** Who is to be trusted. */
export interface TrustWant {
  /** Name of the authorities. */
  readonly name: string
  /** Name of who has the certificate. */
  readonly commonName: string
  readonly addresses: readonly string[]
}

/** The last ones that were made: a plan wants them each time, and signing takes some milliseconds. */
const made = new Map<string, Trust>()
const REMEMBERED = 16

/** A key and a certificate for servers and clients at the addresses, and whom to trust. Throws where the text is none. */
export function trustOf(text: string, { name, commonName, addresses }: TrustWant): Trust {
  const wish = JSON.stringify([text, name, commonName, addresses])
  const known = made.get(wish)
  if (known !== undefined) return known
  const trust = makeTrust(text, { name, commonName, addresses })
  if (made.size >= REMEMBERED) made.clear()
  made.set(wish, trust)
  return trust
}

function makeTrust(text: string, { name, commonName, addresses }: TrustWant): Trust {
  const all = authoritiesOf(text)
  const signing = all[1]
  if (signing === undefined) throw new TypeError('there must be an authority that signs besides the staged one')
  return {
    authorities: all.map((authority) => authorityCertificate(authority, name)).join(''),
    ...issue(signing, { authorityName: name, commonName, addresses }),
  }
}

/** What makes a text none that certificates can be signed with. */
export function authoritiesFault(text: string): string | undefined {
  const fault = 'is no list of two or more authorities, each with seed and madeAt'
  try {
    const all = authoritiesOf(text)
    return all.length >= 2 && all.every(({ seed }) => /^[0-9a-f]{64}$/.test(seed)) ? undefined : fault
  } catch {
    return fault
  }
}

function newAuthority(random: RandomBytes, now: number): Authority {
  return { seed: random(32).toString('hex'), madeAt: new Date(now).toISOString() }
}

/** Throws where the text is none of ours (somebody edited the Secret). */
function authoritiesOf(text: string): Authority[] {
  const all: unknown = JSON.parse(text)
  if (!Array.isArray(all)) throw new TypeError('authorities must be a list')
  return all.map((each: unknown) => {
    const { seed, madeAt } = (each ?? {}) as Partial<Authority>
    if (typeof seed !== 'string' || typeof madeAt !== 'string' || Number.isNaN(Date.parse(madeAt)))
      throw new TypeError('an authority must have seed and madeAt')
    return { seed, madeAt }
  })
}
