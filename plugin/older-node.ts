// What the operator's Node.js has and older ones lack: put before the plugin's bundle, which users run with theirs.

import workers from 'node:worker_threads'
import zlib from 'node:zlib'

// undici takes hold of both when it is loaded, for what the plugin does not use of it: compressed answers, and its `fetch`.
const refuse = () => {
  throw new Error('this Node.js does not know zstd')
}
if (!('createZstdDecompress' in zlib)) Object.assign(zlib, { createZstdDecompress: refuse })
if (!('markAsUncloneable' in workers)) Object.assign(workers, { markAsUncloneable: () => undefined })

if (!('withResolvers' in Promise))
  Object.assign(Promise, {
    withResolvers<T>() {
      const made: { resolve?: (value: T) => void; reject?: (reason: unknown) => void } = {}
      const promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }))
      return { promise, ...made }
    },
  })

if (!('groupBy' in Map))
  Object.assign(Map, {
    groupBy<K, T>(items: Iterable<T>, keyOf: (item: T, index: number) => K): Map<K, T[]> {
      const groups = new Map<K, T[]>()
      let index = 0
      for (const item of items) {
        const key = keyOf(item, index++)
        const group = groups.get(key)
        if (group === undefined) groups.set(key, [item])
        else group.push(item)
      }
      return groups
    },
  })
