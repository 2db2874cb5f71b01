import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { connect } from './rest-client.ts'
import { Credentials } from './credentials.ts'
import { KubeError } from './error.ts'
import { ResourceTypes } from './resources.ts'
import { testCertificate } from './test-certificate.ts'
import type { TestCertificate } from './test-certificate.ts'
import { kubeconfig, listen } from './test-server.ts'

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'ns' } }
const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** An HTTPS server that takes any client certificate, and tells of each request whose it was. */
async function tlsServer(t: TestContext, certificate: TestCertificate) {
  const clients: (string | undefined)[] = []
  const server = createServer({ ...certificate, requestCert: true, rejectUnauthorized: false }, (request: IncomingMessage, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate()
    clients.push(subject === undefined ? undefined : String(subject.CN))
    response.end(JSON.stringify(pod))
  })
  return { url: `https://127.0.0.1:${await listen(t, server)}`, clients }
}

test('a server is trusted by the CA of the kubeconfig, and gets the client certificate', async (t) => {
  const [certificate, mine] = [testCertificate('server'), testCertificate('operator')]
  const { url, clients } = await tlsServer(t, certificate)
  const user = { 'client-certificate-data': base64(mine.cert), 'client-key-data': base64(mine.key) }
  const client = await connect({ kubeconfig: kubeconfig(t, { server: url, 'certificate-authority-data': base64(certificate.cert) }, user) })
  t.after(() => client.close())
  assert.deepEqual([await client.get(ResourceTypes.pods, 'ns', 'a'), clients], [pod, ['operator']])
})

test('a server with a certificate of somebody else is not talked to', async (t) => {
  const { url, clients } = await tlsServer(t, testCertificate('server'))
  for (const cluster of [{ server: url }, { server: url, 'certificate-authority-data': base64(testCertificate('server').cert) }]) {
    const client = await connect({ kubeconfig: kubeconfig(t, cluster, { token: 'abc' }) })
    t.after(() => client.close())
    await assert.rejects(client.get(ResourceTypes.pods, 'ns', 'a'), (error) => error instanceof KubeError && error.status === undefined)
  }
  assert.deepEqual(clients, [])
})

test('a client certificate that was renewed is used within half a minute', async (t) => {
  const certificate = testCertificate('server')
  const { url, clients } = await tlsServer(t, certificate)
  const directory = mkdtempSync(join(tmpdir(), 'kube-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const [cert, key] = [join(directory, 'cert'), join(directory, 'key')]
  const renew = (name: string): void => {
    const mine = testCertificate(name)
    writeFileSync(cert, mine.cert)
    writeFileSync(key, mine.key)
  }
  renew('one')
  const file = kubeconfig(t, { server: url, 'certificate-authority-data': base64(certificate.cert) }, { 'client-certificate': cert, 'client-key': key })
  t.mock.timers.enable({ apis: ['Date'], now: 0 })
  const client = await connect({ kubeconfig: file })
  t.after(() => client.close())
  await client.get(ResourceTypes.pods, 'ns', 'a')
  renew('two')
  await client.get(ResourceTypes.pods, 'ns', 'a')
  t.mock.timers.setTime(30_000)
  await client.get(ResourceTypes.pods, 'ns', 'a')
  assert.deepEqual(clients, ['one', 'one', 'two'])
})

test('a token in a file is read again after a refusal', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'kube-'))
  t.after(() => rmSync(directory, { recursive: true }))
  const token = join(directory, 'token')
  writeFileSync(token, 'one\n')
  const credentials = new Credentials(kubeconfig(t, { server: 'https://kube/' }, { 'token-file': token }))
  assert.equal((await credentials.access()).headers['authorization'], 'Bearer one')
  assert.equal((await credentials.access()).server, 'https://kube')
  writeFileSync(token, 'two\n')
  credentials.reload()
  assert.equal((await credentials.access()).headers['authorization'], 'Bearer two')
})

test('what the kubeconfig names and is not there is an error that says what', async (t) => {
  const credentials = new Credentials(kubeconfig(t, { server: 'https://kube', 'certificate-authority': '/nowhere/ca.crt' }, {}))
  await assert.rejects(credentials.access(), /\/nowhere\/ca\.crt/)
})

test('a context that is named is used, and one that does not exist is refused with those that do', async (t) => {
  const file = kubeconfig(t, { server: 'https://one' }, {})
  const other = {
    contexts: [{ name: 'other', context: { cluster: 'other', user: 'test', namespace: 'n' } }],
    clusters: [{ name: 'other', cluster: { server: 'https://two' } }],
  }
  const config = JSON.parse(readFileSync(file, 'utf8')) as typeof other
  writeFileSync(file, JSON.stringify({ ...config, contexts: [...config.contexts, ...other.contexts], clusters: [...config.clusters, ...other.clusters] }))
  const { server } = await new Credentials(file, Date.now, 'other').access()
  assert.equal(server, 'https://two')
  await assert.rejects(connect({ kubeconfig: file, context: 'third' }), /no context "third"; it has test, other/)
})
