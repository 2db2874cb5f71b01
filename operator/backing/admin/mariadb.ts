import { createConnection } from 'mysql2/promise'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import type { Change, Ensured } from '../../openstack/change.ts'
import { DeclarationError, ServiceError } from '../../openstack/error.ts'
import { databaseLoad, loadQueries } from './mariadb-load.ts'
import type { DatabaseLoad } from './mariadb-load.ts'
import { nativeHash, planDatabases, statementsByHand } from './mariadb-plan.ts'
import type { DatabaseState, DatabaseWant, StoredPassword } from './mariadb-plan.ts'
import { codeOf, refuseTls } from './server.ts'
import type { Login } from './server.ts'

export type { DatabaseWant } from './mariadb-plan.ts'

/** Where the CR says how to reach a MariaDB that somebody else runs. */
const FIELD = 'backing.database.external'

/** A MariaDB. */
export interface DatabaseServer {
  readonly host: string
  readonly port: number
  /** Certificates of the authorities that it is known by (PEM). With them TLS is spoken, and with nobody else. */
  readonly ca?: string
  /** Who may make databases and users. Without: nothing is made, and what is missing is said with the statements that make it. */
  readonly admin?: Login
  /** Somebody else runs it: a user that is there with another password may serve another cloud, and keeps it. */
  readonly external: boolean
}

/** Longest time until the server greets, in ms. */
const CONNECT_TIMEOUT = 10_000

/**
 * Makes databases, users and grants that are missing, over one connection. A user's password is compared with the stored hash and set
 * where it differs; where the hash is of a kind that cannot be compared, it is tried. Databases that are there keep their character set.
 * Tells how busy the server is. Throws a DeclarationError for what the server refuses, and where there is no administrator for what is missing.
 */
export async function ensureDatabases(
  server: DatabaseServer,
  wants: readonly DatabaseWant[],
  signal?: AbortSignal,
): Promise<Ensured & { readonly load?: DatabaseLoad | undefined }> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  const { admin } = server
  if (admin === undefined) {
    let load: DatabaseLoad | undefined
    for (const same of Map.groupBy(wants, ({ user }) => user).values()) load = await requireDatabases(server, same, signal)
    return { changes, load }
  }
  return withConnection(server, admin, signal, async (connection) => {
    const state = await attempt(server, admin.user, 'a look at its users', () => readState(connection, wants))
    const wrong = await wrongPasswords(server, wants, state, signal)
    const [taken] = wrong
    if (server.external && taken !== undefined) throw otherPassword(server, taken, wants)
    for (const { sql, change } of planDatabases(wants, state, wrong)) {
      // Named by the change, since the statement holds a password.
      await attempt(server, admin.user, `${change.kind} ${change.name}`, () => connection.query(sql))
      changes.push(change)
    }
    return { changes, load: await readLoad(connection) }
  })
}

/** What nobody needs: a server that refuses it is as good as any other. */
async function readLoad(connection: Connection): Promise<DatabaseLoad | undefined> {
  try {
    const answers: Record<string, unknown>[] = []
    for (const query of loadQueries) answers.push(...(await rows(connection, query)))
    return databaseLoad(answers)
  } catch {
    return undefined
  }
}

/** Looks, as one user, whether it has what it needs, and how busy the server is. Throws a DeclarationError with the statements that make what is missing. */
async function requireDatabases(server: DatabaseServer, wants: readonly DatabaseWant[], signal?: AbortSignal): Promise<DatabaseLoad | undefined> {
  const [first] = wants
  if (first === undefined) return undefined
  let load: DatabaseLoad | undefined
  const missing = await withUser(server, first, signal, async (connection) => {
    const databases = await rows(connection, 'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA')
    const grants = (await rows(connection, 'SHOW GRANTS')).flatMap((row) => Object.values(row).map(String))
    const state: DatabaseState = {
      databases: new Set(databases.map(({ name }) => String(name))),
      passwords: new Map([[first.user, { plugin: '', hash: '' }]]),
      grants: new Map([[first.user, grants]]),
    }
    load = await readLoad(connection)
    return planDatabases(wants, state, new Set()).map(({ sql }) => sql)
  })
  const statements = missing ?? statementsByHand(wants)
  if (statements.length === 0) return load
  const hint = missing === undefined ? passwordHint(first) : ''
  throw new DeclarationError(
    'NotFound',
    `${FIELD}: MariaDB at ${server.host}:${server.port} lacks what ${first.user} needs; run there as an administrator, or name one in adminSecret: ${statements.join('; ')};${hint}`,
  )
}

/** Uses a connection of one of the services' users; `undefined` where it cannot log in. */
async function withUser<T>(
  server: DatabaseServer,
  login: Login,
  signal: AbortSignal | undefined,
  use: (connection: Connection) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await withConnection(server, login, signal, use)
  } catch (error) {
    if (error instanceof RefusedLogin) return undefined
    throw error
  }
}

function otherPassword(server: DatabaseServer, user: string, wants: readonly DatabaseWant[]): DeclarationError {
  const want = wants.find((each) => each.user === user)
  return new DeclarationError(
    'Refused',
    `${FIELD}: MariaDB at ${server.host}:${server.port} has a user ${user} with another password, which may be another cloud's. If it is to be this one's, run there: ALTER USER '${user}'@'%' IDENTIFIED BY 'PASSWORD';${want === undefined ? '' : passwordHint(want)}`,
  )
}

function passwordHint({ passwordFrom }: DatabaseWant): string {
  return passwordFrom === undefined ? '' : ` where PASSWORD is what this says: ${passwordFrom}`
}

/** Removes databases with all that is in them. One that is not there is no change. */
export async function dropDatabases(server: DatabaseServer, names: readonly string[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  const { admin } = server
  if (admin === undefined) return { changes }
  return withConnection(server, admin, signal, async (connection) => {
    const { databases } = await readState(connection, [])
    for (const name of names.filter((each) => databases.has(each))) {
      await attempt(server, admin.user, `the removal of database ${name}`, () => connection.query(`DROP DATABASE IF EXISTS ${connection.escapeId(name)}`))
      changes.push({ action: 'deleted', kind: 'database', name })
    }
    return { changes }
  })
}

async function withConnection<T>(
  server: DatabaseServer,
  { user, password }: Login,
  signal: AbortSignal | undefined,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  const { host, port, ca } = server
  const ssl = ca === undefined ? {} : { ssl: { ca, verifyIdentity: true } }
  const connection = await attempt(server, user, 'login', () => createConnection({ host, port, user, password, connectTimeout: CONNECT_TIMEOUT, ...ssl }))
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
async function wrongPasswords(
  server: DatabaseServer,
  wants: readonly DatabaseWant[],
  { passwords }: DatabaseState,
  signal?: AbortSignal,
): Promise<Set<string>> {
  const wrong = new Set<string>()
  for (const [user, password] of new Map(wants.map((want) => [want.user, want.password]))) {
    const stored = passwords.get(user)
    if (stored === undefined) continue
    const right = stored.plugin === 'mysql_native_password' ? stored.hash === nativeHash(password) : await canLogIn(server, { user, password }, signal)
    if (!right) wrong.add(user)
  }
  return wrong
}

async function canLogIn(server: DatabaseServer, login: Login, signal?: AbortSignal): Promise<boolean> {
  return (await withUser(server, login, signal, async () => true)) ?? false
}

/** Not by this password, not at all, or no user may come from here. */
const refusedLogins = new Set(['ER_ACCESS_DENIED_ERROR', 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR', 'ER_HOST_NOT_PRIVILEGED'])

/** The server does not know the user, or not by this password. */
class RefusedLogin extends DeclarationError {}

/** What went wrong, in words: no answer, a refused certificate, a refused login, or a refused statement. */
async function attempt<T>({ host, port, external }: DatabaseServer, user: string, what: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    const code = codeOf(error)
    const where = `MariaDB at ${host}:${port}`
    if (refusedLogins.has(code))
      throw new RefusedLogin('Refused', `${external ? `${FIELD}.adminSecret: ` : ''}${where} refuses the login of ${user}`, { cause: error })
    if (code.startsWith('ER_')) throw new Error(`${where} refuses ${what}: ${code}`, { cause: error })
    if (external) refuseTls(error, where, FIELD)
    throw new ServiceError({ service: 'mariadb', method: 'CONNECT', url: `mysql://${host}:${port}`, detail: code }, { cause: error })
  }
}
