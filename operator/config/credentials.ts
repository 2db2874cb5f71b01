import { newFernetRepository } from './fernet.ts'
import type { RandomBytes } from './random.ts'

/** What kind of secret a credential is; it decides its form. */
export type CredentialKind = 'password' | 'fernet-repository' | 'ssh-key'

/** The secrets of one cluster by name, as they are kept in one Kubernetes Secret. */
export type Credentials = Readonly<Record<string, string>>

/**
 * Makes what `wanted` names and `have` lacks. What is there is not changed: a password is generated once in the life of a cluster.
 * Returns only the new ones.
 */
export function missingCredentials(wanted: Readonly<Record<string, CredentialKind>>, have: Credentials, random: RandomBytes): Credentials {
  const made: Record<string, string> = {}
  for (const [name, kind] of Object.entries(wanted)) {
    if (have[name] === undefined || have[name] === '') made[name] = generate(kind, random)
  }
  return made
}

function generate(kind: CredentialKind, random: RandomBytes): string {
  switch (kind) {
    // 24 bytes, 192 bits; hex has no character that a URL, an INI file or a shell would read as its own.
    case 'password':
      return random(24).toString('hex')
    case 'fernet-repository':
      return newFernetRepository(random)
    // The seed of an Ed25519 key (RFC 8032, section 5.1.5), from which both halves follow.
    case 'ssh-key':
      return random(32).toString('hex')
    default:
      throw new TypeError(`unknown kind of credential: ${String(kind satisfies never)}`)
  }
}
