import type { Change, Ensured } from './change.ts'
import { idOf, listUserIds } from './identity.ts'
import { DEFAULT_DOMAIN } from './identity-wants.ts'
import type { Session } from './session.ts'

/** A public key of a user (`userDomain` defaults to `Default`), in the format of OpenSSH. */
export interface KeyPairWant {
  readonly name: string
  readonly user: string
  readonly userDomain?: string
  readonly publicKey: string
}

/** From 2.10 on an administrator may name another user. */
const MICROVERSION = '2.10'

interface ListedKeyPair {
  readonly keypair: { readonly name: string; readonly public_key: string }
}

/** Imports keys of any user, as an administrator. A pair of the same name with another key is replaced, since Nova cannot change one. */
export async function ensureKeyPairs(session: Session, wants: readonly KeyPairWant[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  const userIds = await listUserIds(session, signal)
  const byUser = Map.groupBy(wants, ({ user, userDomain }) => idOf(userIds, 'user', user, userDomain ?? DEFAULT_DOMAIN))
  await Promise.all(
    [...byUser].map(async ([userId, wanted]) => {
      const listed = await session.list<ListedKeyPair>('compute', '/os-keypairs', 'keypairs', {
        query: { user_id: userId },
        microversion: MICROVERSION,
        signal,
      })
      await Promise.all(wanted.map((want) => ensureKeyPair(session, want, userId, listed, changes, signal)))
    }),
  )
  return { changes }
}

async function ensureKeyPair(
  session: Session,
  want: KeyPairWant,
  userId: string,
  listed: readonly ListedKeyPair[],
  changes: Change[],
  signal?: AbortSignal,
): Promise<void> {
  const { name, publicKey } = want
  const found = listed.find(({ keypair }) => keypair.name === name)
  if (found !== undefined) {
    if (sameKey(found.keypair.public_key, publicKey)) return
    await session.request('compute', 'DELETE', `/os-keypairs/${encodeURIComponent(name)}`, { query: { user_id: userId }, microversion: MICROVERSION, signal })
  }
  await session.request('compute', 'POST', '/os-keypairs', {
    json: { keypair: { name, public_key: publicKey, type: 'ssh', user_id: userId } },
    microversion: MICROVERSION,
    signal,
  })
  changes.push({ action: found === undefined ? 'created' : 'updated', kind: 'key pair', name })
}

/** Whether two lines in OpenSSH's format hold the same key; their comments may differ. */
export function sameKey(a: string, b: string): boolean {
  return keyOf(a) === keyOf(b)
}

function keyOf(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ')
}
