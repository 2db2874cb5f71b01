import { connect as connectTcp, isIP } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Login } from './server.ts'

/** How a broker answers a login, by AMQP 0-9-1: it lets the user into the virtual host, or says why not. */
export type BrokerAnswer = { readonly open: true } | { readonly open: false; readonly code: number; readonly text: string }

/** Where a broker listens; with certificates of authorities (PEM) by TLS. */
export interface Broker {
  readonly host: string
  readonly port: number
  readonly ca?: string
}

/** Longest time for a login as a whole, in ms. */
const TIMEOUT = 10_000
const FRAME_END = 0xce
const NO_AMQP = 'it does not speak AMQP 0-9-1, or by TLS alone'
/** Connection's class and its methods. */
const CONNECTION = 10
const START = 10
const START_OK = 11
const TUNE = 30
const TUNE_OK = 31
const OPEN = 40
const OPEN_OK = 41
const CLOSE = 50
/** access-refused: the user is not known, or not by this password. */
export const ACCESS_REFUSED = 403

/** Logs in as far as a virtual host and goes again. Rejects where nobody answers, or nobody who speaks AMQP. */
export async function tryLogin({ host, port, ca }: Broker, { user, password }: Login, vhost: string, signal?: AbortSignal): Promise<BrokerAnswer> {
  signal?.throwIfAborted()
  const socket = ca === undefined ? connectTcp({ host, port }) : connectTls({ host, port, ca, ...(isIP(host) === 0 ? { servername: host } : {}) })
  const limit = AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal === undefined ? [] : [signal])])
  const onAbort = () => socket.destroy(new Error(signal?.aborted === true ? 'aborted' : `no answer within ${TIMEOUT / 1000} s`))
  limit.addEventListener('abort', onAbort, { once: true })
  try {
    socket.write(Buffer.from([...Buffer.from('AMQP'), 0, 0, 9, 1]))
    for await (const { id, body } of methods(socket)) {
      if (id === START) socket.write(method(START_OK, clientProperties, shortText('PLAIN'), longText(`\0${user}\0${password}`), shortText('en_US')))
      else if (id === TUNE) {
        socket.write(method(TUNE_OK, body))
        socket.write(method(OPEN, shortText(vhost), shortText(''), Buffer.from([0])))
      } else if (id === OPEN_OK) {
        socket.write(method(CLOSE, number16(200), shortText(''), number16(0), number16(0)))
        return { open: true }
      } else if (id === CLOSE) return { open: false, code: body.readUInt16BE(0), text: body.subarray(3, 3 + body.readUInt8(2)).toString() }
    }
    throw new Error('the connection was closed')
  } finally {
    limit.removeEventListener('abort', onAbort)
    socket.end()
    socket.on('error', () => {})
    socket.destroySoon()
  }
}

/** The methods of class Connection that come in, each with its arguments. */
async function* methods(socket: Socket): AsyncGenerator<{ id: number; body: Buffer }> {
  let pending = Buffer.alloc(0)
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk])
    for (;;) {
      // A broker of another version answers with its own header, which is no frame.
      if (pending.length > 0 && (pending[0] ?? 0) > 8) throw new Error(NO_AMQP)
      const size = pending.length < 7 ? Infinity : pending.readUInt32BE(3)
      if (pending.length < size + 8) break
      if (pending[size + 7] !== FRAME_END) throw new Error(NO_AMQP)
      const frame = pending.subarray(7, size + 7)
      pending = pending.subarray(size + 8)
      // Heartbeats are frames as well, without a method.
      if (frame.length >= 4 && frame.readUInt16BE(0) === CONNECTION) yield { id: frame.readUInt16BE(2), body: frame.subarray(4) }
    }
  }
}

function method(id: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat([number16(CONNECTION), number16(id), ...parts])
  return Buffer.concat([Buffer.from([1, 0, 0]), number32(body.length), body, Buffer.from([FRAME_END])])
}

function number16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

function number32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function shortText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from([bytes.length]), bytes])
}

function longText(text: string): Buffer {
  const bytes = Buffer.from(text)
  return Buffer.concat([number32(bytes.length), bytes])
}

function table(entries: Buffer): Buffer {
  return Buffer.concat([number32(entries.length), entries])
}

/** Asks for an answer to a login that fails; without it, the broker just closes the connection. */
const clientProperties = table(
  Buffer.concat([
    shortText('capabilities'),
    Buffer.from('F'),
    table(Buffer.concat([shortText('authentication_failure_close'), Buffer.from('t'), Buffer.from([1])])),
  ]),
)
