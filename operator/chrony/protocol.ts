// The protocol by which chronyc asks chronyd, version 6 (chrony 2.2 and newer): one packet a question, one an answer, all numbers
// big-endian. Only questions, of which chronyd answers these over the network; it changes nothing for anybody who is not root on its host.

const VERSION = 6
const REQUEST = 1
const REPLY = 2
/** Lengths of what stands before the data, in bytes. */
const REQUEST_HEADER = 20
const REPLY_HEADER = 28
/** Commands, the kinds of their replies, and the length of those with their header. A request must not be shorter than its reply. */
const TRACKING = { command: 33, reply: 5, length: 104 } as const
const SOURCE = { command: 15, reply: 3, length: 76 } as const
/** The status of a reply to a question that could be answered. */
const SUCCESS = 0
/** The state of the source that chronyd follows. */
const SELECTED = 0

/** What chronyd has made of the node's clock. */
export interface Tracking {
  /** What must be added to the clock to make it chronyd's idea of the time, in seconds. */
  readonly correction: number
}

/** What chronyd knows of one server. */
export interface Source {
  /** It is the one whose time chronyd follows. */
  readonly selected: boolean
  /** Which of the last eight questions it answered with a time, the newest in the lowest bit. */
  readonly reachability: number
  /** By how much chronyd's idea of the time was ahead of the server's at the last answer, in seconds. */
  readonly offset: number
  /** By how much `offset` may be wrong, in seconds: half of the way there and back, and what the server says of itself. */
  readonly error: number
}

/** An answer of chronyd; `tracking` or `source` is missing where it has none. */
export interface Answer {
  readonly sequence: number
  readonly tracking?: Tracking
  readonly source?: Source
}

/** The question for `Tracking`. `sequence` comes back in the answer. */
export function askTracking(sequence: number): Buffer {
  return request(TRACKING, sequence)
}

/** The question for the server at `index` of those in chronyd's configuration. */
export function askSource(sequence: number, index: number): Buffer {
  const packet = request(SOURCE, sequence)
  packet.writeInt32BE(index, REQUEST_HEADER)
  return packet
}

function request({ command, length }: { readonly command: number; readonly length: number }, sequence: number): Buffer {
  const packet = Buffer.alloc(length)
  packet.writeUInt8(VERSION, 0)
  packet.writeUInt8(REQUEST, 1)
  packet.writeUInt16BE(command, 4)
  packet.writeUInt32BE(sequence, 8)
  return packet
}

/** Reads an answer; `undefined` for a packet that is none. */
export function readAnswer(packet: Buffer): Answer | undefined {
  if (packet.length < REPLY_HEADER || packet.readUInt8(0) !== VERSION || packet.readUInt8(1) !== REPLY) return undefined
  const sequence = packet.readUInt32BE(16)
  if (packet.readUInt16BE(8) !== SUCCESS) return { sequence }
  const is = ({ reply, length }: { readonly reply: number; readonly length: number }) => packet.readUInt16BE(6) === reply && packet.length >= length
  if (is(TRACKING)) return { sequence, tracking: { correction: readFloat(packet, 68) } }
  if (is(SOURCE)) {
    const selected = packet.readUInt16BE(52) === SELECTED
    return { sequence, source: { selected, reachability: packet.readUInt16BE(58), offset: readFloat(packet, 68), error: readFloat(packet, 72) } }
  }
  return undefined
}

/** chrony's own floating point: a signed exponent of 7 bits and a signed coefficient of 25, which stands behind the point. */
function readFloat(packet: Buffer, at: number): number {
  const word = packet.readInt32BE(at)
  const exponent = word >> 25
  const coefficient = (word << 7) >> 7
  return coefficient * 2 ** (exponent - 25)
}
