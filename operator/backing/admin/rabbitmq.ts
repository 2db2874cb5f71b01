import { Agent } from 'undici'
import type { Dispatcher } from 'undici'
import type { Change, Ensured } from '../../openstack/change.ts'
import { DeclarationError, isStatus, ServiceError } from '../../openstack/error.ts'
import { send } from '../../openstack/http.ts'
import { ACCESS_REFUSED, tryLogin } from './amqp.ts'
import { queueLoad, queueQuery } from './rabbitmq-load.ts'
import type { ListedQueue, QueueLoad } from './rabbitmq-load.ts'
import { planMessaging } from './rabbitmq-plan.ts'
import type { ListedPermission, ListedUser, MessagingWant } from './rabbitmq-plan.ts'
import { codeOf, refuseTls } from './server.ts'
import type { Login } from './server.ts'

export type { MessagingWant } from './rabbitmq-plan.ts'

/** Where the CR says how to reach a RabbitMQ that somebody else runs. */
const FIELD = 'backing.messaging.external'

/** A RabbitMQ. */
export interface MessagingServer {
  readonly host: string
  readonly port: number
  /** Certificates of the authorities that it is known by (PEM). With them TLS is spoken, and with nobody else. */
  readonly ca?: string
  /** Its management API and who may make users there. Without: nothing is made, and what is missing is said with the commands that make it. */
  readonly management?: Login & {
    /** e.g. `http://rabbitmq:15672` */
    readonly baseUrl: string
  }
  /** Somebody else runs it: a user that is there with another password may serve another cloud, and keeps it; and logins are tried. */
  readonly external: boolean
}

/** What was changed, and what waits. */
type Messaging = Ensured & { readonly load?: QueueLoad | undefined }

/** How to ask the management API. */
type Management = NonNullable<MessagingServer['management']> & { readonly field: string; readonly dispatcher?: Dispatcher }

/** Longest time without an answer, in ms. */
const TIMEOUT = 30_000

/**
 * Makes users, virtual hosts and permissions that are missing or differ. A user's password is compared with the stored hash. Throws a DeclarationError for
 * what the broker refuses, and where there is no administrator for what is missing. Tells what waits in the virtual hosts, where there is one.
 */
export async function ensureMessaging(server: MessagingServer, wants: readonly MessagingWant[], signal?: AbortSignal): Promise<Messaging> {
  const { management, ca, external } = server
  const field = external ? `${FIELD}.adminSecret: ` : ''
  if (management === undefined) {
    await Promise.all(wants.map((want) => requireLogin(server, want, signal)))
    return { changes: [] }
  }
  if (ca === undefined) return makeMissing(server, { ...management, field }, wants, signal)
  const dispatcher = new Agent({ connect: { ca } })
  try {
    return await makeMissing(server, { ...management, field, dispatcher }, wants, signal)
  } finally {
    await dispatcher.close()
  }
}

async function makeMissing(server: MessagingServer, management: Management, wants: readonly MessagingWant[], signal?: AbortSignal): Promise<Messaging> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  const [users, vhosts, permissions] = await Promise.all([
    call<ListedUser[]>(management, 'GET', '/api/users', undefined, signal),
    // Without its columns the list holds statistics of every virtual host.
    call<{ name: string }[]>(management, 'GET', '/api/vhosts?columns=name', undefined, signal),
    call<ListedPermission[]>(management, 'GET', '/api/permissions', undefined, signal),
  ])
  const plan = planMessaging(wants, { users, vhosts: vhosts.map(({ name }) => name), permissions })
  if (server.external)
    refuseOtherPassword(
      server,
      plan.usersAndHosts.map(({ change }) => change),
      wants,
    )
  // A permission needs its user and its virtual host.
  for (const stage of [plan.usersAndHosts, plan.permissions]) {
    await Promise.all(
      stage.map(async ({ path, body, change }) => {
        await call(management, 'PUT', path, body, signal)
        changes.push(change)
      }),
    )
  }
  // The management API is at another port: whether services can log in is seen at theirs.
  if (server.external) await Promise.all(wants.map((want) => requireLogin(server, want, signal)))
  return { changes, load: await readLoad(management, wants, signal) }
}

/** What nobody needs: a broker that refuses it is as good as any other. */
async function readLoad(management: Management, wants: readonly MessagingWant[], signal?: AbortSignal): Promise<QueueLoad | undefined> {
  const vhosts = [...new Set(wants.map(({ vhost = '/' }) => vhost))]
  try {
    const listed = await Promise.all(
      vhosts.map((vhost) => call<ListedQueue[]>(management, 'GET', `/api/queues/${encodeURIComponent(vhost)}?${queueQuery}`, undefined, signal)),
    )
    return queueLoad(listed.flat())
  } catch {
    signal?.throwIfAborted()
    return undefined
  }
}

function refuseOtherPassword({ host, port }: MessagingServer, changes: readonly Change[], wants: readonly MessagingWant[]): void {
  const taken = changes.find(({ kind, action, fields = [] }) => kind === 'broker user' && action === 'updated' && fields.includes('password'))?.name
  const want = wants.find(({ user }) => user === taken)
  if (want === undefined) return
  throw new DeclarationError(
    'Refused',
    `${FIELD}: RabbitMQ at ${host}:${port} has a user ${want.user} with another password, which may be another cloud's. If it is to be this one's, run there: rabbitmqctl change_password ${want.user} PASSWORD${passwordHint(want)}`,
  )
}

/** Logs in as a service's user. Throws a DeclarationError with the commands that make what is missing. */
async function requireLogin(server: MessagingServer, want: MessagingWant, signal?: AbortSignal): Promise<void> {
  const { host, port } = server
  const { user, vhost = '/' } = want
  const where = `RabbitMQ at ${host}:${port}`
  try {
    const answer = await tryLogin(server, want, vhost, signal)
    if (answer.open) return
    const login = answer.code === ACCESS_REFUSED
    const commands = [
      ...(login ? [`rabbitmqctl add_user ${user} PASSWORD (change_password instead of add_user, where it is there)`] : []),
      ...(login || answer.text.includes('not found') ? [`rabbitmqctl add_vhost ${vhost}`] : []),
      `rabbitmqctl set_permissions -p ${vhost} ${user} '.*' '.*' '.*'`,
    ]
    throw new DeclarationError(
      'NotFound',
      `${FIELD}: ${where} does not let ${user} in (${answer.text}); run there, or name an administrator in adminSecret: ${commands.join('; ')}${login ? passwordHint(want) : ''}`,
    )
  } catch (error) {
    signal?.throwIfAborted()
    if (error instanceof DeclarationError) throw error
    refuseTls(error, where, FIELD)
    throw new ServiceError({ service: 'rabbitmq', method: 'CONNECT', url: `amqp://${host}:${port}`, detail: detailOf(error) }, { cause: error })
  }
}

function detailOf(error: unknown): string {
  const code = codeOf(error)
  return error instanceof Error && code === String(error) ? error.message : code
}

function passwordHint({ passwordFrom }: MessagingWant): string {
  return passwordFrom === undefined ? '' : `; PASSWORD is what this says: ${passwordFrom}`
}

async function call<T>(
  { baseUrl, user, password, field, dispatcher }: Management,
  method: string,
  path: string,
  json: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers = { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
  try {
    const { body } = await send({
      service: 'rabbitmq',
      method,
      url: `${baseUrl.replace(/\/+$/, '')}${path}`,
      json,
      headers,
      timeout: TIMEOUT,
      signal,
      dispatcher,
    })
    return body as T
  } catch (error) {
    if (isStatus(error, 401)) throw new DeclarationError('Refused', `${field}RabbitMQ at ${baseUrl} refuses the login of ${user}`, { cause: error })
    // The management listener opens before the node has booted its data store.
    if (error instanceof ServiceError && error.status === 500) throw new Error(`RabbitMQ at ${baseUrl} is not ready: ${error.detail ?? ''}`, { cause: error })
    if (field !== '') refuseTls(error instanceof Error ? error.cause : error, `RabbitMQ at ${baseUrl}`, FIELD)
    throw error
  }
}
