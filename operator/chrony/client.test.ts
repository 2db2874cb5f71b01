import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { askChronyd } from './client.ts'

const never = new AbortController().signal

/** Something that answers questions; `answer` may give no packet, or several. */
async function listen(t: TestContext, answer: (question: Buffer) => Buffer[]): Promise<{ host: string; port: number }> {
  const socket = createSocket('udp4')
  socket.on('message', (question, { port, address }) => {
    for (const packet of answer(question)) socket.send(packet, port, address)
  })
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', () => resolve())
  })
  t.after(() => socket.close())
  return { host: '127.0.0.1', port: socket.address().port }
}

/** What chronyd says to a question: a clock that is right, two servers, the second of them chosen. */
function reply(question: Buffer): Buffer {
  const packet = Buffer.alloc(question.length)
  packet.writeUInt8(6, 0)
  packet.writeUInt8(2, 1)
  const command = question.readUInt16BE(4)
  packet.writeUInt16BE(command === 33 ? 5 : 3, 6)
  question.copy(packet, 16, 8, 12)
  if (command === 15) {
    const index = question.readUInt32BE(20)
    packet.writeUInt16BE(index === 1 ? 0 : 4, 52)
    packet.writeUInt16BE(index === 1 ? 0o377 : 0, 58)
    if (index > 1) packet.writeUInt16BE(4, 8)
  }
  return packet
}

test('asks for the clock and for each server; one that chronyd does not have is left out', async (t) => {
  const to = await listen(t, (question) => [reply(question)])
  assert.deepEqual(await askChronyd(to, 3, never), {
    tracking: { correction: 0 },
    sources: [
      { selected: false, reachability: 0, offset: 0, error: 0 },
      { selected: true, reachability: 0o377, offset: 0, error: 0 },
    ],
  })
})

test('a lost packet is asked for again, and strangers are not heard', async (t) => {
  let lost = 0
  const to = await listen(t, (question) => {
    const stranger = reply(question)
    stranger.writeUInt32BE(0, 16)
    return lost++ === 0 ? [stranger] : [stranger, reply(question)]
  })
  assert.equal((await askChronyd(to, 1, never))?.sources.length, 1)
})

test('nobody there: no report, and at once where the port is closed', async (t) => {
  const to = await listen(t, () => [])
  const free = createSocket('udp4')
  await new Promise<void>((resolve) => {
    free.bind(0, '127.0.0.1', () => resolve())
  })
  const { port } = free.address()
  free.close()
  const [silent, closed] = await Promise.all([askChronyd(to, 1, never), askChronyd({ host: '127.0.0.1', port }, 1, never)])
  assert.deepEqual([silent, closed], [undefined, undefined])
})

test('ends with the signal', async (t) => {
  const stop = new AbortController()
  const to = await listen(t, () => {
    stop.abort(new Error('stopped'))
    return []
  })
  await assert.rejects(askChronyd(to, 1, stop.signal), /stopped/)
})
