import { createHash } from 'node:crypto'
import type { Change } from '../../openstack/change.ts'
import type { PasswordFrom } from './server.ts'

/** What a user may do in a virtual host: regular expressions over names of queues and exchanges. */
export interface Permissions {
  readonly configure: string
  readonly write: string
  readonly read: string
}

/** A user with a virtual host, in which it may do everything unless `permissions` says less. */
export interface MessagingWant extends PasswordFrom {
  readonly user: string
  readonly password: string
  /** Default: `/`. */
  readonly vhost?: string
  readonly permissions?: Permissions
  /** Roles in the management API. Default: none. */
  readonly tags?: readonly string[]
}

/** An element of GET /api/users. */
export interface ListedUser {
  readonly name: string
  /** Base64 of four bytes of salt and the hash of salt and password. */
  readonly password_hash: string
  readonly hashing_algorithm?: string
  /** A list from 3.9 on, before that names with commas between. */
  readonly tags: string | readonly string[]
}

/** An element of GET /api/permissions. */
export interface ListedPermission extends Permissions {
  readonly user: string
  readonly vhost: string
}

export interface MessagingState {
  readonly users: readonly ListedUser[]
  readonly vhosts: readonly string[]
  readonly permissions: readonly ListedPermission[]
}

/** A PUT, and the change that it makes. */
export interface Put {
  readonly path: string
  readonly body: unknown
  readonly change: Change
}

const everything: Permissions = { configure: '.*', write: '.*', read: '.*' }

/** The requests that make the broker hold what is wanted; none where it does. Pure. */
export function planMessaging(
  wants: readonly MessagingWant[],
  state: MessagingState,
): { readonly usersAndHosts: readonly Put[]; readonly permissions: readonly Put[] } {
  const users = new Map(wants.map((want) => [want.user, want]))
  const vhosts = new Set(wants.map(({ vhost = '/' }) => vhost))
  const hosts = [...vhosts].filter((vhost) => !state.vhosts.includes(vhost)).map(putVhost)
  return {
    usersAndHosts: [
      ...[...users.values()].flatMap((want) =>
        userPut(
          want,
          state.users.find(({ name }) => name === want.user),
        ),
      ),
      ...hosts,
    ],
    permissions: wants.flatMap((want) => permissionPut(want, state.permissions)),
  }
}

/** Whether a stored hash is that of a password. An algorithm that is not known counts as no, so that the password is set. */
export function passwordMatches(
  { password_hash: stored, hashing_algorithm: algorithm = 'rabbit_password_hashing_sha256' }: ListedUser,
  password: string,
): boolean {
  const name = /^rabbit_password_hashing_(sha256|sha512|md5)$/.exec(algorithm)?.[1]
  if (name === undefined) return false
  const bytes = Buffer.from(stored, 'base64')
  const salt = bytes.subarray(0, 4)
  return createHash(name).update(salt).update(password).digest().equals(bytes.subarray(4))
}

function userPut({ user, password, tags = [] }: MessagingWant, listed: ListedUser | undefined): Put[] {
  const have = tagsOf(listed)
  const fields = [
    ...(listed !== undefined && passwordMatches(listed, password) ? [] : ['password']),
    ...(have.join() === [...tags].toSorted().join() ? [] : ['tags']),
  ]
  if (listed !== undefined && fields.length === 0) return []
  const change: Change =
    listed === undefined ? { action: 'created', kind: 'broker user', name: user } : { action: 'updated', kind: 'broker user', name: user, fields }
  return [{ path: `/api/users/${encodeURIComponent(user)}`, body: { password, tags: tags.join(',') }, change }]
}

function tagsOf(user: ListedUser | undefined): string[] {
  const tags = user?.tags ?? []
  return (typeof tags === 'string' ? tags.split(',').filter((tag) => tag !== '') : [...tags]).toSorted()
}

function putVhost(name: string): Put {
  return { path: `/api/vhosts/${encodeURIComponent(name)}`, body: {}, change: { action: 'created', kind: 'virtual host', name } }
}

function permissionPut({ user, vhost = '/', permissions = everything }: MessagingWant, listed: readonly ListedPermission[]): Put[] {
  const have = listed.find((permission) => permission.user === user && permission.vhost === vhost)
  const { configure, write, read } = permissions
  if (have !== undefined && have.configure === configure && have.write === write && have.read === read) return []
  const change: Change = { action: have === undefined ? 'created' : 'updated', kind: 'broker permission', name: `${user} in ${vhost}` }
  return [{ path: `/api/permissions/${encodeURIComponent(vhost)}/${encodeURIComponent(user)}`, body: { configure, write, read }, change }]
}
