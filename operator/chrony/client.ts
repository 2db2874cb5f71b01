import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { askSource, askTracking, readAnswer } from './protocol.ts'
import type { Answer, Source, Tracking } from './protocol.ts'

/** How long an answer is waited for before the question is asked again, in ms, and how often it is asked: a packet may get lost. */
const PATIENCE = 1000
const TRIES = 3

/** What one chronyd says of itself. */
export interface Report {
  readonly tracking: Tracking
  readonly sources: readonly Source[]
}

/**
 * Asks a chronyd for its state and for that of its first `sources` servers. `undefined` when it does not answer within three seconds.
 * Throws when the signal is aborted.
 */
export async function askChronyd(to: { readonly host: string; readonly port: number }, sources: number, signal: AbortSignal): Promise<Report | undefined> {
  signal.throwIfAborted()
  // A number that nobody can guess, so that nobody else's packet is taken for an answer.
  const first = randomInt(2 ** 31)
  const open = new Map<number, Buffer>([[first, askTracking(first)]])
  for (let index = 0; index < sources; index++) open.set(first + 1 + index, askSource(first + 1 + index, index))
  const answers: Answer[] = []
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = createSocket(to.host.includes(':') ? 'udp6' : 'udp4')
  let timer: NodeJS.Timeout | undefined
  const aborted = () => reject(signal.reason as Error)
  signal.addEventListener('abort', aborted)
  // A port that is closed, an address that has no route: no answer either.
  socket.on('error', () => resolve())
  socket.on('message', (packet) => {
    const answer = readAnswer(packet)
    if (answer === undefined || !open.delete(answer.sequence)) return
    answers.push(answer)
    if (open.size === 0) resolve()
  })
  const ask = (tries: number): void => {
    if (tries === 0) return resolve()
    for (const packet of open.values()) socket.send(packet)
    timer = setTimeout(() => ask(tries - 1), PATIENCE)
  }
  try {
    socket.connect(to.port, to.host, () => ask(TRIES))
    await promise
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', aborted)
    socket.close()
  }
  const tracking = answers.find((answer) => answer.tracking)?.tracking
  if (tracking === undefined || open.size > 0) return undefined
  return { tracking, sources: answers.flatMap(({ source }) => source ?? []) }
}
