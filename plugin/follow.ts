import { Reflector } from '../operator/kube/reflector.ts'
import type { KubeObject, ResourceType } from '../operator/kube/types.ts'
import type { PluginClient } from './cluster.ts'

/**
 * All objects of each type in a namespace, as a list for each: once when they are known, and again after changes. Changes that come together are one. What
 * breaks a watch is told to `warn` and tried again. Ends with the signal, or when nobody asks any more.
 */
export async function* follow(
  client: PluginClient,
  types: readonly ResourceType[],
  namespace: string,
  signal: AbortSignal,
  warn: (text: string) => void,
): AsyncGenerator<readonly (readonly KubeObject[])[]> {
  const unwanted = new AbortController()
  const end = AbortSignal.any([signal, unwanted.signal])
  let changed = Promise.withResolvers<void>()
  const ended = new Promise<void>((resolve) => end.addEventListener('abort', () => resolve(), { once: true }))
  end.addEventListener('abort', () => changed.resolve(), { once: true })
  const tell = (message: string, { error }: Readonly<Record<string, unknown>> = {}): void => {
    warn(`${message}${error instanceof Error ? `: ${error.message}` : ''}\n`)
  }
  const log = { debug: () => undefined, info: () => undefined, warn: tell, error: tell }
  try {
    const reflectors = types.map((type) => new Reflector({ client, type, namespace, log, onChange: () => changed.resolve() }))
    for (const reflector of reflectors) reflector.start(end)
    await Promise.race([ended, Promise.all(reflectors.map(({ synced }) => synced))])
    while (!end.aborted) {
      changed = Promise.withResolvers<void>()
      yield reflectors.map(({ store }) => store.list())
      await changed.promise
    }
  } finally {
    unwanted.abort()
  }
}
