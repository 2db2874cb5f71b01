/** How busy a MariaDB is. */
export interface DatabaseLoad {
  /** Open ones, of all users. */
  readonly connections: number
  readonly maxConnections: number
  /** Where it is a node of a Galera cluster. */
  readonly galera?: { readonly members: number; readonly ready: boolean }
}

/** What a server is asked for it. Any user may; one that knows no Galera leaves its variables out. */
export const loadQueries = [
  "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'wsrep_cluster_size', 'wsrep_ready')",
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('max_connections', 'wsrep_on')",
] as const

/** What the rows of both answers say. `undefined` where they are not what was asked for. Pure. */
export function databaseLoad(rows: readonly Readonly<Record<string, unknown>>[]): DatabaseLoad | undefined {
  const values = new Map(rows.map(({ Variable_name: name, Value: value }) => [String(name).toLowerCase(), String(value)]))
  const connections = Number(values.get('threads_connected'))
  const maxConnections = Number(values.get('max_connections'))
  if (Number.isNaN(connections) || Number.isNaN(maxConnections)) return undefined
  // A server by itself has Galera's variables as well: it is only switched off.
  if (values.get('wsrep_on') !== 'ON') return { connections, maxConnections }
  return { connections, maxConnections, galera: { members: Number(values.get('wsrep_cluster_size') ?? 0), ready: values.get('wsrep_ready') === 'ON' } }
}
