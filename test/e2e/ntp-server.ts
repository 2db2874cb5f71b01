import { createSocket } from 'node:dgram'
import type { RemoteInfo, Socket } from 'node:dgram'

/** Seconds from the epoch of NTP, 1900, to that of Unix. */
const NTP_EPOCH = 2_208_988_800
const LENGTH = 48
/** No leap second, version 4, mode server. */
const SERVER = 0x24

/** An NTP server (RFC 5905) on this host, with a clock that can be set wrong, and that can fall silent. */
export class NtpServer {
  /** By how much its clock is ahead of this host's, in seconds. */
  offset = 0
  /** Whether it answers. */
  answers = true
  readonly #socket: Socket
  /** What this process' own clock, which is exact to a microsecond, lacks to be the host's; in seconds. */
  readonly #base = aligned()

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (request, client) => this.#answer(request, client))
  }

  /** Listens on an IPv4 address of this host, by default at NTP's own port. */
  static async start(address: string, port = 123): Promise<NtpServer> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(port, address, () => resolve())
    })
    return new NtpServer(socket)
  }

  get port(): number {
    return this.#socket.address().port
  }

  close(): void {
    this.#socket.close()
  }

  #answer(request: Buffer, client: RemoteInfo): void {
    if (!this.answers || request.length < LENGTH) return
    const now = this.#base + performance.now() / 1000 + this.offset
    const reply = Buffer.alloc(LENGTH)
    reply.writeUInt8(SERVER, 0)
    reply.writeUInt8(1, 1)
    reply.writeUInt8(request.readUInt8(2), 2)
    // Precision as a power of two in seconds: about 15 microseconds.
    reply.writeInt8(-16, 3)
    reply.write('TEST', 12, 'latin1')
    writeTime(reply, 16, now)
    // Its own time of sending comes back to the client.
    request.copy(reply, 24, 40, LENGTH)
    writeTime(reply, 32, now)
    writeTime(reply, 40, now)
    this.#socket.send(reply, client.port, client.address)
  }
}

/**
 * The host's time when performance.now() was 0, found at the moment when Date.now(), which counts milliseconds, goes on by one. A server that is late by
 * parts of a millisecond would have whoever sets this host's clock by it set it back again and again.
 */
function aligned(): number {
  const before = Date.now()
  for (;;) {
    const now = Date.now()
    if (now !== before) return (now - performance.now()) / 1000
  }
}

function writeTime(packet: Buffer, at: number, seconds: number): void {
  const whole = Math.floor(seconds)
  packet.writeUInt32BE((whole + NTP_EPOCH) % 2 ** 32, at)
  packet.writeUInt32BE(Math.floor((seconds - whole) * 2 ** 32), at + 4)
}
