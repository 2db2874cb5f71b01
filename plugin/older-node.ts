// What the operator's Node.js has and older ones lack: put before the plugin's bundle, which users run with theirs.

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
