/** Where randomness comes from; `crypto.randomBytes` in the operator, a seeded generator in a simulation. */
export type RandomBytes = (size: number) => Buffer

/** What kind of secret a credential is; it decides its form. */
export type CredentialKind = 'password' | 'fernet-repository' | 'ssh-key'

/** The secrets of one cluster by name, as they are kept in one Kubernetes Secret. */
export type Credentials = Readonly<Record<string, string>>

/**
 * Makes what `wanted` names and `have` lacks. What is there is never changed: a password is generated once in the life of a cluster.
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
    // Keystone's key repository as JSON, file name → key: 0 is the staged key, the highest the primary one.
    case 'fernet-repository':
      return JSON.stringify({ 0: fernetKey(random), 1: fernetKey(random) })
    // The seed of an Ed25519 key (RFC 8032, section 5.1.5), from which both halves follow.
    case 'ssh-key':
      return random(32).toString('hex')
    default:
      throw new TypeError(`unknown kind of credential: ${String(kind satisfies never)}`)
  }
}

/** As cryptography.fernet makes it: 32 random bytes in url-safe base64 with padding. */
function fernetKey(random: RandomBytes): string {
  return random(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_')
}

/** The files of a fernet key repository that a credential holds. Throws where it is no repository (somebody edited the Secret). */
export function fernetFiles(repository: string): Record<string, string> {
  const files: unknown = JSON.parse(repository)
  if (files === null || typeof files !== 'object' || Array.isArray(files)) throw new TypeError('a fernet key repository must be an object of file name → key')
  return Object.fromEntries(
    Object.entries(files).map(([name, key]) => {
      if (!/^\d+$/.test(name) || typeof key !== 'string') throw new TypeError(`file ${JSON.stringify(name)} is none of a fernet key repository`)
      return [name, key]
    }),
  )
}
