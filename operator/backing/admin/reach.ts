import { connect } from 'node:net'
import { codeOf } from './server.ts'

/** Longest time for a connection, in ms. */
const TIMEOUT = 5000

/** Connects and goes again. Rejects with a sentence that names the field of the CR where nobody answers. */
export async function reach({ host, port }: { readonly host: string; readonly port: number }, field: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const limit = AbortSignal.any([AbortSignal.timeout(TIMEOUT), ...(signal === undefined ? [] : [signal])])
  const socket = connect({ host, port })
  const onAbort = () => socket.destroy(new Error(`no answer within ${TIMEOUT / 1000} s`))
  limit.addEventListener('abort', onAbort, { once: true })
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw new Error(`${field}: nobody answers at ${host}:${port} (${codeOf(error)}); what runs goes on as far as it can without`, { cause: error })
  } finally {
    limit.removeEventListener('abort', onAbort)
    socket.destroy()
  }
}
