import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { describe, test } from 'node:test'
import { tryLogin } from './amqp.ts'
import { ensureMessaging } from './rabbitmq.ts'

const START = [10, 10]
const TUNE = [10, 30]
const OPEN_OK = [10, 41]
const CLOSE = [10, 50]

function frame([group = 0, id = 0]: readonly number[], body: Buffer = Buffer.alloc(0)): Buffer {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from([1, 0, 0]), size, Buffer.from([0, group, 0, id]), body, Buffer.from([0xce])])
}

function close(code: number, text: string): Buffer {
  return frame(CLOSE, Buffer.concat([Buffer.from([code >> 8, code & 0xff, text.length]), Buffer.from(text), Buffer.alloc(4)]))
}

/** A broker that answers each thing that it is sent with the next of its lines; what it was sent is in the second value. */
async function broker(...answers: readonly Buffer[]): Promise<{ port: number; heard: Buffer[]; [Symbol.dispose]: () => void }> {
  const heard: Buffer[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      const answer = answers[heard.push(chunk) - 1]
      // In two parts, as a network may cut it.
      if (answer !== undefined) socket.write(answer.subarray(0, 5), () => socket.write(answer.subarray(5)))
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  }
  return { port: (server.address() as AddressInfo).port, heard, [Symbol.dispose]: stop }
}

const user = { user: 'nova', password: 'hunter2' }
const tuned = frame(TUNE, Buffer.from([0, 10, 0, 2, 0, 0, 0, 60]))

describe('a login at a broker', () => {
  test('goes as far as the virtual host, with the limits that the broker names', async () => {
    using there = await broker(frame(START, Buffer.from('properties')), tuned, frame(OPEN_OK))
    assert.deepEqual(await tryLogin({ host: '127.0.0.1', port: there.port }, user, 'cloud'), { open: true })
    const said = Buffer.concat(there.heard).toString('latin1')
    assert.ok(said.startsWith('AMQP\0\0\x09\x01'))
    assert.ok(said.includes('\0nova\0hunter2'))
    assert.ok(said.includes('\0\x0a\0\x1f\0\x0a\0\x02\0\0\0\x3c'), 'the limits come back in tune-ok')
    assert.ok(said.includes('\x05cloud'))
  })

  test('says why not, in the words of the broker', async () => {
    using there = await broker(frame(START), close(403, 'ACCESS_REFUSED - no'))
    assert.deepEqual(await tryLogin({ host: '127.0.0.1', port: there.port }, user, 'nova'), { open: false, code: 403, text: 'ACCESS_REFUSED - no' })
  })

  test('knows what is no broker', async () => {
    using there = await broker(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await assert.rejects(tryLogin({ host: '127.0.0.1', port: there.port }, user, 'nova'), /does not speak AMQP/)
  })

  test('ends with its signal while nothing comes', async () => {
    using there = await broker()
    const stop = new AbortController()
    const login = tryLogin({ host: '127.0.0.1', port: there.port }, user, 'nova', stop.signal)
    stop.abort()
    await assert.rejects(login)
  })
})

describe('a broker without an administrator', () => {
  const want = { ...user, vhost: 'nova', passwordFrom: 'kubectl get secret' }

  test('is left as it is; where it lacks the user, the commands are said without the password', async () => {
    using there = await broker(frame(START), close(403, 'ACCESS_REFUSED'))
    await assert.rejects(ensureMessaging({ host: '127.0.0.1', port: there.port, external: true }, [want]), (error: Error) => {
      assert.match(error.message, /^backing\.messaging\.external: RabbitMQ at 127\.0\.0\.1:\d+ does not let nova in .*rabbitmqctl add_user nova PASSWORD/)
      assert.match(
        error.message,
        /add_vhost nova; rabbitmqctl set_permissions -p nova nova '\.\*' '\.\*' '\.\*'; PASSWORD is what this says: kubectl get secret$/,
      )
      assert.ok(!error.message.includes('hunter2'))
      return true
    })
  })

  test('where it lacks the permission alone, nothing else is asked for', async () => {
    using there = await broker(frame(START), tuned, close(530, "NOT_ALLOWED - access to vhost 'nova' refused for user 'nova'"))
    await assert.rejects(ensureMessaging({ host: '127.0.0.1', port: there.port, external: true }, [want]), (error: Error) => {
      assert.match(error.message, /adminSecret: rabbitmqctl set_permissions -p nova nova/)
      assert.doesNotMatch(error.message, /add_user|add_vhost|PASSWORD/)
      return true
    })
  })
})
