import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { connect, createServer } from 'node:tls'
import { once } from 'node:events'
import { test } from 'node:test'
import { newAuthorities, rotateAuthorities, trustOf } from './authorities.ts'

/** Bytes that differ from call to call, and are the same in each run. */
function counter(): (size: number) => Buffer {
  let calls = 0
  return (size) => Buffer.alloc(size, ++calls)
}

const DAY = 86_400_000
const start = Date.parse('2026-01-01T00:00:00Z')
const want = { name: 'teruwa hypervisors', commonName: 'hypervisor', addresses: ['10.0.0.1', 'fd00::2'] }
const certificates = (pem: string) => pem.split(/(?<=-----END CERTIFICATE-----\n)/).map((each) => new X509Certificate(each))

test('a certificate is for the addresses, of an authority that is trusted, and the same each time', () => {
  const text = newAuthorities(counter(), start)
  const trust = trustOf(text, want)
  assert.deepEqual(trustOf(text, want), trust)
  const certificate = new X509Certificate(trust.certificate)
  for (const address of want.addresses) assert.ok(certificate.checkIP(address), address)
  assert.equal(certificate.checkIP('10.0.0.3'), undefined)
  assert.ok(certificate.checkPrivateKey(createPrivateKey(trust.key)))
  assert.equal(certificate.ca, false)
  const [staged, signing] = certificates(trust.authorities)
  assert.ok(staged?.ca && signing?.ca)
  assert.notEqual(staged.subject, signing.subject)
  assert.ok(certificate.checkIssued(signing) && certificate.verify(signing.publicKey))
  assert.ok(!certificate.verify(staged.publicKey))
  assert.equal(certificate.validFrom, 'Dec 31 00:00:00 2025 GMT', 'valid for a clock that is behind')
  assert.equal(certificate.validTo, 'Dec 31 00:00:00 2028 GMT')
  const other = new X509Certificate(trustOf(text, { ...want, addresses: ['10.0.0.9'] }).certificate)
  assert.notEqual(other.serialNumber, certificate.serialNumber)
})

test('one rotation later, who has the old certificate and who has the new one trust each other', () => {
  const random = counter()
  let text = newAuthorities(random, start)
  for (let round = 1; round <= 4; round++) {
    const before = trustOf(text, want)
    text = rotateAuthorities(text, 3, random, start + round * 90 * DAY)
    const after = trustOf(text, want)
    assert.notEqual(after.certificate, before.certificate)
    assert.notEqual(after.key, before.key)
    for (const [one, other] of [
      [before, after],
      [after, before],
    ] as const) {
      const certificate = new X509Certificate(one.certificate)
      assert.ok(certificates(other.authorities).some((authority) => certificate.verify(authority.publicKey)))
    }
    assert.ok(certificates(after.authorities).length <= 3)
  }
})

test('after years without a rotation nothing that is over stays', () => {
  const late = start + 2000 * DAY
  const trust = trustOf(rotateAuthorities(newAuthorities(counter(), start), 3, counter(), late), want)
  for (const certificate of [...certificates(trust.authorities), new X509Certificate(trust.certificate)]) {
    assert.ok(Date.parse(certificate.validFrom) <= late && Date.parse(certificate.validTo) > late, certificate.subject)
  }
})

test('two that hold them speak TLS with each other, and with nobody else', async (context) => {
  const trust = trustOf(newAuthorities(counter(), Date.now()), { ...want, addresses: ['127.0.0.1'] })
  const foreign = trustOf(
    newAuthorities((size) => Buffer.alloc(size, 99), Date.now()),
    { ...want, addresses: ['127.0.0.1'] },
  )
  const files = ({ key, certificate, authorities }: typeof trust) => ({ key, cert: certificate, ca: authorities })
  const server = createServer({ ...files(trust), requestCert: true, rejectUnauthorized: true }, (socket) => socket.end('welcome'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const say = async (who: typeof trust) => {
    const socket = connect({ host: '127.0.0.1', port: address.port, ...files(who) })
    let said = ''
    for await (const part of socket) said += String(part)
    return said
  }
  assert.equal(await say(trust), 'welcome')
  await assert.rejects(say(foreign), 'a server that the client does not trust')
  // In TLS 1.3 the client learns only by the end of the connection that it was refused.
  assert.equal(await say({ ...foreign, authorities: trust.authorities }).catch(() => ''), '', 'a client that the server does not trust')
})
