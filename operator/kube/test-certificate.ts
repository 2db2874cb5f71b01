import { generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'

/** A key and a certificate for it, both PEM. */
export interface TestCertificate {
  readonly key: string
  readonly cert: string
}

/** A self-signed certificate for 127.0.0.1, good as a server's, a client's, and as the CA of itself. Node makes keys, but no certificates. */
export function testCertificate(commonName: string): TestCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  const name = sequence(tag(0x31, sequence(oid(0x55, 0x04, 0x03), tag(0x0c, Buffer.from(commonName)))))
  const validity = sequence(tag(0x17, Buffer.from('200101000000Z')), tag(0x17, Buffer.from('491231235959Z')))
  const extensions = sequence(
    sequence(oid(0x55, 0x1d, 0x13), tag(0x01, Buffer.from([0xff])), tag(0x04, sequence(tag(0x01, Buffer.from([0xff]))))),
    sequence(oid(0x55, 0x1d, 0x11), tag(0x04, sequence(tag(0x87, Buffer.from([127, 0, 0, 1]))))),
  )
  const body = sequence(
    tag(0xa0, tag(0x02, Buffer.from([2]))),
    tag(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    validity,
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tag(0xa3, extensions),
  )
  const signature = tag(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]))
  return { key: pemOf(privateKey), cert: pem('CERTIFICATE', sequence(body, ecdsaWithSha256, signature)) }
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function pem(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
}

function oid(...bytes: number[]): Buffer {
  return tag(0x06, Buffer.from(bytes))
}

function sequence(...parts: Buffer[]): Buffer {
  return tag(0x30, ...parts)
}

/** One value of DER: type, length, content. */
function tag(type: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([type, ...size]), content])
}
