import { createHash } from 'node:crypto'
import type { Change } from '../../openstack/change.ts'
import type { PasswordFrom } from './server.ts'

/** A database, and a user that may do everything in it. Several wants may name one user. */
export interface DatabaseWant extends PasswordFrom {
  readonly database: string
  readonly user: string
  readonly password: string
}

/** How a server keeps a user's password. */
export interface StoredPassword {
  readonly plugin: string
  readonly hash: string
}

/** What the server holds. */
export interface DatabaseState {
  readonly databases: ReadonlySet<string>
  /** Of users that may log in from everywhere, by name. */
  readonly passwords: ReadonlyMap<string, StoredPassword>
  /** Lines of SHOW GRANTS, by user. */
  readonly grants: ReadonlyMap<string, readonly string[]>
}

/** A statement, and the change that it makes. The statement may hold a password. */
export interface Statement {
  readonly sql: string
  readonly change: Change
}

/** The statements that make the server hold what is wanted, in order; none where it does. Pure. */
export function planDatabases(wants: readonly DatabaseWant[], state: DatabaseState, wrongPasswords: ReadonlySet<string>): Statement[] {
  const users = new Map(wants.map(({ user, password }) => [user, password]))
  const databases = new Set(wants.map(({ database }) => database))
  return [
    ...[...databases].filter((name) => !state.databases.has(name)).map(createDatabase),
    ...[...users].flatMap(([user, password]) => {
      if (!state.passwords.has(user)) return [createUser(user, password)]
      return wrongPasswords.has(user) ? [setPassword(user, password)] : []
    }),
    ...wants.filter(({ user, database }) => !mayDoAll(state.grants.get(user) ?? [], database)).map(grant),
  ]
}

/** The statements for a person who knows nothing of the server; each may be run again. They hold the word PASSWORD instead of the password. */
export function statementsByHand(wants: readonly DatabaseWant[]): string[] {
  const blank = wants.map((want) => ({ ...want, password: 'PASSWORD' }))
  const nothing: DatabaseState = { databases: new Set(), passwords: new Map(), grants: new Map() }
  const users = [...new Set(wants.map(({ user }) => user))]
  return planDatabases(blank, nothing, new Set()).flatMap(({ sql }) => {
    const made = users.find((user) => sql.startsWith(`CREATE USER IF NOT EXISTS ${account(user)} `))
    // One that is there keeps its password at a CREATE.
    return made === undefined ? [sql] : [`CREATE USER IF NOT EXISTS ${account(made)}`, setPassword(made, 'PASSWORD').sql]
  })
}

/** What mysql_native_password stores: SHA-1 of SHA-1 of the password, in upper-case hex behind an asterisk. */
export function nativeHash(password: string): string {
  return `*${sha1(sha1(password)).toString('hex').toUpperCase()}`
}

function sha1(data: string | Buffer): Buffer {
  return createHash('sha1').update(data).digest()
}

/** OpenStack's own schemas ask for three-byte UTF-8; with four bytes some of their indexes grow too long. */
function createDatabase(name: string): Statement {
  return {
    sql: `CREATE DATABASE IF NOT EXISTS ${identifier(name)} CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci`,
    change: { action: 'created', kind: 'database', name },
  }
}

function createUser(name: string, password: string): Statement {
  return { sql: `CREATE USER IF NOT EXISTS ${account(name)} IDENTIFIED BY ${literal(password)}`, change: { action: 'created', kind: 'database user', name } }
}

function setPassword(name: string, password: string): Statement {
  return {
    sql: `ALTER USER ${account(name)} IDENTIFIED BY ${literal(password)}`,
    change: { action: 'updated', kind: 'database user', name, fields: ['password'] },
  }
}

function grant({ database, user }: DatabaseWant): Statement {
  return {
    sql: `GRANT ALL PRIVILEGES ON ${pattern(database)}.* TO ${account(user)}`,
    change: { action: 'created', kind: 'database grant', name: `${user} on ${database}` },
  }
}

/** Whether one of a user's grants covers a database. */
function mayDoAll(grants: readonly string[], database: string): boolean {
  const places = [`${pattern(database)}.*`, `${identifier(database)}.*`, '*.*']
  return grants.some((line) => places.some((place) => line.startsWith(`GRANT ALL PRIVILEGES ON ${place} TO `)))
}

/** In a grant the name of a database is a pattern, in which `_` stands for any character. */
function pattern(name: string): string {
  return identifier(name).replaceAll(/[_%]/g, String.raw`\$&`)
}

function identifier(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

function account(user: string): string {
  return `${literal(user)}@'%'`
}

/** A string as a literal of SQL. Only characters whose escape does not depend on the server's SQL mode or character set are taken. */
function literal(text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text) || text.includes('\\')) throw new RangeError('names and passwords in MariaDB must be printable ASCII without backslashes')
  return `'${text.replaceAll("'", "''")}'`
}
