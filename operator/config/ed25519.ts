import { createPrivateKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** What stands before the seed of an Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** The Ed25519 key of a seed of 32 bytes, in hex (RFC 8032, section 5.1.5). Throws where it has another length. */
export function ed25519PrivateKey(seedHex: string): KeyObject {
  const seed = Buffer.from(seedHex, 'hex')
  if (seed.length !== 32) throw new RangeError(`the seed of an Ed25519 key has 32 bytes, not ${seed.length}`)
  return createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' })
}
