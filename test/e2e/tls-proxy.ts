import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { run } from '../../local/command.ts'

/** A certificate that nobody vouches for, and its key, in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate for an address of IPv4, or for what `names` says in OpenSSL's way, good for a day. Its files stay in the folder. */
export async function selfSigned(folder: string, address: string, names = `IP:${address}`): Promise<Certificate> {
  const [certFile, keyFile] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const ask = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', `/CN=${address}`]
  await run('openssl', ['req', '-x509', ...ask, '-addext', `subjectAltName=${names}`, '-keyout', keyFile, '-out', certFile])
  return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
}

/** Ends TLS in front of something that speaks plain HTTP, as an ingress does: it says so by a header, leaves the host as it is, and passes on sockets, too. */
export class TlsProxy {
  readonly #server: Server
  readonly #sockets = new Set<Duplex>()
  readonly #address: string

  private constructor(server: Server, address: string) {
    this.#server = server
    this.#address = address
    server.on('connection', (socket: Duplex) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** Listens on any free port of an address, for what is behind `target`, a URL without a path. */
  static async start(address: string, target: string, certificate: Certificate): Promise<TlsProxy> {
    const behind = new URL(target)
    const server = createServer({ ...certificate })
    const proxy = new TlsProxy(server, address)
    server.on('request', (asked: IncomingMessage, answer: ServerResponse) => pass(behind, asked, answer))
    server.on('upgrade', (asked: IncomingMessage, socket: Duplex) => passSocket(behind, asked, socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(0, address, () => resolve())
    })
    return proxy
  }

  /** Where it is, without a path. */
  get url(): string {
    const bound = this.#server.address()
    if (bound === null || typeof bound === 'string') throw new Error('the proxy does not listen')
    return `https://${this.#address}:${bound.port}`
  }

  /** Ends it, and all that goes through it. */
  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }
}

function behindOf({ hostname, port }: URL, { method, url, headers }: IncomingMessage): RequestOptions {
  return { host: hostname, port, method, path: url, headers: { ...headers, 'x-forwarded-proto': 'https' }, agent: false }
}

function pass(behind: URL, asked: IncomingMessage, answer: ServerResponse): void {
  const passed = request(behindOf(behind, asked), (answered) => {
    answer.writeHead(answered.statusCode ?? 502, answered.headers)
    answered.pipe(answer)
  })
  passed.on('error', () => {
    if (!answer.headersSent) answer.writeHead(502)
    answer.end()
  })
  asked.pipe(passed)
}

function passSocket(behind: URL, asked: IncomingMessage, socket: Duplex): void {
  const passed = request(behindOf(behind, asked))
  const end = () => socket.destroy()
  passed.on('error', end)
  // Refused: how is of no use to a browser.
  passed.on('response', end)
  passed.on('upgrade', ({ rawHeaders }: IncomingMessage, other: Duplex, first: Buffer) => {
    const lines = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1] ?? ''}`] : []))
    socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
    socket.write(first)
    for (const [from, to] of [
      [socket, other],
      [other, socket],
    ] as const) {
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  })
  passed.end()
}
