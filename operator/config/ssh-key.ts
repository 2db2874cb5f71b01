import { createPublicKey } from 'node:crypto'
import { ed25519PrivateKey } from './ed25519.ts'

/** Both halves of a key pair, as OpenSSH's files have them. */
export interface SshKeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

/**
 * The Ed25519 key pair of a seed of 32 bytes, in hex. The private half is in OpenSSH's own format (PROTOCOL.key in its source), since
 * ssh reads no other for Ed25519.
 */
export function sshKeyPair(seedHex: string, comment: string): SshKeyPair {
  const seed = Buffer.from(seedHex, 'hex')
  const privateKey = ed25519PrivateKey(seedHex)
  // The last 32 bytes of the SubjectPublicKeyInfo are the key.
  const publicBytes = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  const publicBlob = Buffer.concat([text('ssh-ed25519'), text(publicBytes)])
  // The two check numbers only have to be equal; taken from the seed's public half they make the file reproducible.
  const check = publicBytes.subarray(0, 4)
  const secret = pad(Buffer.concat([check, check, publicBlob, text(Buffer.concat([seed, publicBytes])), text(comment)]))
  const file = Buffer.concat([Buffer.from('openssh-key-v1\0'), text('none'), text('none'), text(''), uint32(1), text(publicBlob), text(secret)])
  const lines = file.toString('base64').match(/.{1,70}/g) ?? []
  return {
    publicKey: `ssh-ed25519 ${publicBlob.toString('base64')} ${comment}`,
    privateKey: ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n'),
  }
}

/** The seed of a private key that `sshKeyPair` made, in hex; `undefined` for any other text. */
export function seedOfPrivateKey(privateKey: string): string | undefined {
  const file = Buffer.from(privateKey.replaceAll(/^-----.*$|\s/gm, ''), 'base64')
  const type = text('ssh-ed25519')
  // The public half, once by itself and once behind the seed, with the length of both before them.
  const publicAt = file.indexOf(type) + type.length + 4
  const bothAt = file.indexOf(uint32(64), publicAt) + 4
  const [seed, publicHalf] = [file.subarray(bothAt, bothAt + 32), file.subarray(bothAt + 32, bothAt + 64)]
  if (publicHalf.length < 32 || !publicHalf.equals(file.subarray(publicAt, publicAt + 32))) return undefined
  return createPublicKey(ed25519PrivateKey(seed.toString('hex')))
    .export({ format: 'der', type: 'spki' })
    .subarray(-32)
    .equals(publicHalf)
    ? seed.toString('hex')
    : undefined
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** To a multiple of 8 with 1, 2, 3, … */
function pad(bytes: Buffer): Buffer {
  const missing = (8 - (bytes.length % 8)) % 8
  return Buffer.concat([bytes, Buffer.from(Array.from({ length: missing }, (_, index) => index + 1))])
}
