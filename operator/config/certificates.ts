import { createHash, createPublicKey, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { AsnConvert, OctetString } from '@peculiar/asn1-schema'
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  Extension,
  Extensions,
  ExtendedKeyUsage,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_clientAuth,
  id_kp_serverAuth,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509'
import { ed25519PrivateKey } from './ed25519.ts'

// X.509 certificates (RFC 5280) with Ed25519 keys (RFC 8410). Its signatures hold no randomness, so the same wish gives the same bytes: a certificate
// need not be kept anywhere, only the seeds of the keys.

/** What signs certificates: the seed of its key, and when it was made. */
export interface Authority {
  /** 32 bytes in hex. */
  readonly seed: string
  /** RFC 3339 */
  readonly madeAt: string
}

/** A key and the certificate for it, both PEM. */
export interface KeyAndCertificate {
  readonly key: string
  readonly certificate: string
}

const DAY = 86_400_000
/** How long an authority and all that it signs are valid. Long after they are out of use: an operator that was away for a year finds all as it was. */
const LIFETIME = 1095 * DAY
/** Clocks of nodes differ: a certificate is valid from some time before it was made. */
const SLACK = DAY

const ED25519 = '1.3.101.112'
const COMMON_NAME = '2.5.4.3'

/** When what an authority signs ends to be valid, in ms since the epoch. */
export function endOf({ madeAt }: Authority): number {
  return Date.parse(madeAt) + LIFETIME
}

/** The certificate by which others know an authority, PEM. */
export function authorityCertificate(authority: Authority, commonName: string): string {
  const key = ed25519PrivateKey(authority.seed)
  const extensions = [
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(key))),
  ]
  return pem(
    'CERTIFICATE',
    certificate(authority, { issuer: authorityName(authority, commonName), subject: authorityName(authority, commonName), key, extensions }),
  )
}

/**
 * A key and a certificate of an authority, by which a server and a client show who they are: they are at one of the addresses. The key follows from the
 * authority's seed, which it does not tell.
 */
export function issue(
  authority: Authority,
  { authorityName: issuer, commonName, addresses }: { authorityName: string; commonName: string; addresses: readonly string[] },
): KeyAndCertificate {
  const key = ed25519PrivateKey(createHash('sha256').update(`${commonName}\0${authority.seed}`).digest('hex'))
  const extensions = [
    // No key usage: libvirt would want key encipherment, which an Ed25519 key cannot do (RFC 8410, section 5).
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth, id_kp_clientAuth])),
    extension(id_ce_subjectAltName, new SubjectAlternativeName(addresses.map((iPAddress) => new GeneralName({ iPAddress })))),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(key))),
    extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: new SubjectKeyIdentifier(keyId(ed25519PrivateKey(authority.seed))) })),
  ]
  return {
    key: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: pem('CERTIFICATE', certificate(authority, { issuer: authorityName(authority, issuer), subject: nameOf(commonName), key, extensions })),
  }
}

/** Several authorities of one cloud must have different names: a client looks for the one that signed by its name. */
function authorityName({ seed }: Authority, commonName: string): Name {
  return nameOf(`${commonName} ${keyId(ed25519PrivateKey(seed)).subarray(0, 4).toString('hex')}`)
}

interface Content {
  readonly issuer: Name
  readonly subject: Name
  readonly key: KeyObject
  readonly extensions: readonly Extension[]
}

function certificate(authority: Authority, { issuer, subject, key, extensions }: Content): Buffer {
  const algorithm = new AlgorithmIdentifier({ algorithm: ED25519 })
  const from = Date.parse(authority.madeAt)
  const body = new TBSCertificate({
    version: Version.v3,
    signature: algorithm,
    issuer,
    validity: new Validity({ notBefore: new Date(from - SLACK), notAfter: new Date(from + LIFETIME) }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(publicKeyInfo(key), SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  })
  // A serial number is unique for its authority, and other content is another certificate: so it is the content's hash, of at most 20 bytes, positive.
  body.serialNumber = bytes(Buffer.from([0]))
  const serial = createHash('sha256')
    .update(Buffer.from(AsnConvert.serialize(body)))
    .digest()
    .subarray(0, 16)
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  body.serialNumber = bytes(serial)
  const signatureValue = bytes(sign(null, Buffer.from(AsnConvert.serialize(body)), ed25519PrivateKey(authority.seed)))
  return Buffer.from(AsnConvert.serialize(new Certificate({ tbsCertificate: body, signatureAlgorithm: algorithm, signatureValue })))
}

function nameOf(commonName: string): Name {
  const value = new AttributeValue({ utf8String: commonName })
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: COMMON_NAME, value })])])
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) })
}

/** RFC 7093, section 2, method 1. */
function keyId(key: KeyObject): Buffer {
  return createHash('sha256').update(publicKeyInfo(key).subarray(-32)).digest().subarray(0, 20)
}

function publicKeyInfo(key: KeyObject): Buffer {
  return createPublicKey(key).export({ format: 'der', type: 'spki' })
}

/** Just the bytes: a Buffer may be a window on more. */
function bytes(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
