import { createConnection } from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Change, Ensured } from '../../openstack/change.ts'
import { DeclarationError, ServiceError } from '../../openstack/error.ts'
import { nativeHash, planDatabases } from './mariadb-plan.ts'
import type { DatabaseState, DatabaseWant, StoredPassword } from './mariadb-plan.ts'

export type { DatabaseWant } from './mariadb-plan.ts'

/** How to log in to MariaDB as an administrator. */
export interface DatabaseAdmin {
  readonly host: string
  readonly port: number
  /** Default: `root`. */
  readonly user?: string
  readonly password: string
}

/** Longest time until the server greets, in ms. */
const CONNECT_TIMEOUT = 10_000

/**
 * Makes databases, users and grants that are missing, over one connection. A user's password is compared with the stored hash and set
 * where it differs; where the hash is of a kind that cannot be compared, it is tried. Databases that are there keep their character set.
 */
export async function ensureDatabases(admin: DatabaseAdmin, wants: readonly DatabaseWant[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  return withConnection(admin, signal, async (connection) => {
    const state = await readState(connection, wants)
    const wrong = await wrongPasswords(admin, wants, state, signal)
    for (const { sql, change } of planDatabases(wants, state, wrong)) {
      // Named by the change, since the statement holds a password.
      await attempt(admin, `${change.kind} ${change.name}`, () => connection.query(sql))
      changes.push(change)
    }
    return { changes }
  })
}

/** Removes databases with all that is in them. One that is not there is no change. */
export async function dropDatabases(admin: DatabaseAdmin, names: readonly string[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  return withConnection(admin, signal, async (connection) => {
    const { databases } = await readState(connection, [])
    for (const name of names.filter((each) => databases.has(each))) {
      await attempt(admin, `the removal of database ${name}`, () => connection.query(`DROP DATABASE IF EXISTS ${connection.escapeId(name)}`))
      changes.push({ action: 'deleted', kind: 'database', name })
    }
    return { changes }
  })
}

async function withConnection<T>(admin: DatabaseAdmin, signal: AbortSignal | undefined, use: (connection: Connection) => Promise<T>): Promise<T> {
  signal?.throwIfAborted()
  const { host, port, user = 'root', password } = admin
  const connection = await attempt(admin, 'login', () => createConnection({ host, port, user, password, connectTimeout: CONNECT_TIMEOUT }))
  // A query that waits for an answer ends with the connection.
  const onAbort = () => connection.destroy()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    return await use(connection)
  } catch (error) {
    signal?.throwIfAborted()
    throw error
  } finally {
    signal?.removeEventListener('abort', onAbort)
    connection.destroy()
  }
}

async function readState(connection: Connection, wants: readonly DatabaseWant[]): Promise<DatabaseState> {
  const databases = await rows(connection, 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA')
  const users = await rows(connection, "SELECT User AS name, plugin, authentication_string AS hash FROM mysql.user WHERE Host = '%'")
  const passwords = new Map<string, StoredPassword>(users.map(({ name, plugin, hash }) => [String(name), { plugin: String(plugin), hash: String(hash) }]))
  const grants = new Map<string, string[]>()
  for (const user of new Set(wants.map((want) => want.user))) {
    if (!passwords.has(user)) continue
    const shown = await rows(connection, `SHOW GRANTS FOR ${connection.escape(user)}@'%'`)
    grants.set(
      user,
      shown.flatMap((row) => Object.values(row).map(String)),
    )
  }
  return { databases: new Set(databases.map(({ name }) => String(name))), passwords, grants }
}

async function rows(connection: Connection, sql: string): Promise<Record<string, unknown>[]> {
  const [result] = await connection.query<RowDataPacket[]>(sql)
  return result
}

/** Users that are there with another password. */
async function wrongPasswords(admin: DatabaseAdmin, wants: readonly DatabaseWant[], { passwords }: DatabaseState, signal?: AbortSignal): Promise<Set<string>> {
  const wrong = new Set<string>()
  for (const [user, password] of new Map(wants.map((want) => [want.user, want.password]))) {
    const stored = passwords.get(user)
    if (stored === undefined) continue
    const right = stored.plugin === 'mysql_native_password' ? stored.hash === nativeHash(password) : await canLogIn({ ...admin, user, password }, signal)
    if (!right) wrong.add(user)
  }
  return wrong
}

async function canLogIn(login: DatabaseAdmin, signal?: AbortSignal): Promise<boolean> {
  try {
    return await withConnection(login, signal, async () => true)
  } catch (error) {
    if (error instanceof DeclarationError) return false
    throw error
  }
}

/** What went wrong, in words: no answer, a refused login, or a refused statement. */
async function attempt<T>({ host, port, user = 'root' }: DatabaseAdmin, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error)
    if (code === 'ER_ACCESS_DENIED_ERROR') throw new DeclarationError('Refused', `MariaDB at ${host}:${port} refuses the login of ${user}`, { cause: error })
    if (code.startsWith('ER_')) throw new Error(`MariaDB at ${host}:${port} refuses ${what}: ${code}`, { cause: error })
    throw new ServiceError({ service: 'mariadb', method: 'CONNECT', url: `mysql://${host}:${port}`, detail: code }, { cause: error })
  }
}
