import { authoritiesFault, newAuthorities, rotateAuthorities } from './authorities.ts'
import { fernetFault, fernetKey, isFernetKey, newFernetRepository, rotateFernetRepository } from './fernet.ts'
import type { RandomBytes } from './random.ts'

/** What kind of secret a credential is; it decides its form. */
export type CredentialKind = 'password' | 'fernet-key' | 'fernet-repository' | 'ssh-key' | 'authorities'

/** The secrets of one cluster by name, as they are kept in one Kubernetes Secret. */
export type Credentials = Readonly<Record<string, string>>

/**
 * Makes what `wanted` names and `have` lacks. What is there is not changed: a password is generated once in the life of a cluster.
 * Returns only the new ones. `now` in ms since the epoch.
 */
export function missingCredentials(wanted: Readonly<Record<string, CredentialKind>>, have: Credentials, random: RandomBytes, now: number): Credentials {
  const made: Record<string, string> = {}
  for (const [name, kind] of Object.entries(wanted)) {
    if (have[name] === undefined || have[name] === '') made[name] = generate(kind, random, now)
  }
  return made
}

/**
 * What is wrong with a text as a credential of a kind, as the end of a sentence that begins with its name; `undefined` where nothing is. What is in the text
 * is not told.
 */
export function credentialFault(kind: CredentialKind, text: string | undefined): string | undefined {
  if (text === undefined || text === '') return 'is missing'
  switch (kind) {
    // What a person sets must not end a quotation in SQL, in a URL or in an INI file either.
    case 'password':
      return /^[A-Za-z0-9._~-]+$/.test(text) ? undefined : 'is no password of letters, digits and . _ ~ -'
    case 'fernet-key':
      return isFernetKey(text) ? undefined : 'is no key of 32 bytes in url-safe base64'
    case 'fernet-repository':
      return fernetFault(text)
    case 'ssh-key':
      return /^[0-9a-f]{64}$/.test(text) ? undefined : 'is no seed of 64 hexadecimal digits'
    case 'authorities':
      return authoritiesFault(text)
    default:
      throw new TypeError(`unknown kind of credential: ${String(kind satisfies never)}`)
  }
}

function generate(kind: CredentialKind, random: RandomBytes, now: number): string {
  switch (kind) {
    // 24 bytes, 192 bits; hex has no character that a URL, an INI file or a shell would read as its own.
    case 'password':
      return random(24).toString('hex')
    case 'fernet-key':
      return fernetKey(random)
    case 'fernet-repository':
      return newFernetRepository(random)
    // The seed of an Ed25519 key (RFC 8032, section 5.1.5), from which both halves follow.
    case 'ssh-key':
      return random(32).toString('hex')
    case 'authorities':
      return newAuthorities(random, now)
    default:
      throw new TypeError(`unknown kind of credential: ${String(kind satisfies never)}`)
  }
}

/** A credential after a rotation that leaves at most `keep` keys in it. Throws for a kind that never changes. `now` in ms since the epoch. */
export function rotateCredential(kind: CredentialKind | undefined, text: string, keep: number, random: RandomBytes, now: number): string {
  switch (kind) {
    case 'fernet-repository':
      return rotateFernetRepository(text, keep, random)
    case 'authorities':
      return rotateAuthorities(text, keep, random, now)
    default:
      throw new TypeError(`a credential of kind ${kind} does not change`)
  }
}
