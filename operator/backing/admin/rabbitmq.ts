import type { Dispatcher } from 'undici'
import type { Change, Ensured } from '../../openstack/change.ts'
import { DeclarationError, isStatus, ServiceError } from '../../openstack/error.ts'
import { send } from '../../openstack/http.ts'
import { planMessaging } from './rabbitmq-plan.ts'
import type { ListedPermission, ListedUser, MessagingWant } from './rabbitmq-plan.ts'

export type { MessagingWant } from './rabbitmq-plan.ts'

/** How to log in to RabbitMQ's management API as an administrator. */
export interface MessagingAdmin {
  /** e.g. `http://rabbitmq:15672` */
  readonly baseUrl: string
  readonly user: string
  readonly password: string
  readonly dispatcher?: Dispatcher
}

/** Longest time without an answer, in ms. */
const TIMEOUT = 30_000

/** Makes users, virtual hosts and permissions that are missing or differ. A user's password is compared with the stored hash. */
export async function ensureMessaging(admin: MessagingAdmin, wants: readonly MessagingWant[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  const [users, vhosts, permissions] = await Promise.all([
    call<ListedUser[]>(admin, 'GET', '/api/users', undefined, signal),
    // Without its columns the list holds statistics of every virtual host.
    call<{ name: string }[]>(admin, 'GET', '/api/vhosts?columns=name', undefined, signal),
    call<ListedPermission[]>(admin, 'GET', '/api/permissions', undefined, signal),
  ])
  const plan = planMessaging(wants, { users, vhosts: vhosts.map(({ name }) => name), permissions })
  // A permission needs its user and its virtual host.
  for (const stage of [plan.usersAndHosts, plan.permissions]) {
    await Promise.all(
      stage.map(async ({ path, body, change }) => {
        await call(admin, 'PUT', path, body, signal)
        changes.push(change)
      }),
    )
  }
  return { changes }
}

async function call<T>({ baseUrl, user, password, dispatcher }: MessagingAdmin, method: string, path: string, json: unknown, signal?: AbortSignal): Promise<T> {
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
    if (isStatus(error, 401)) throw new DeclarationError('Refused', `RabbitMQ at ${baseUrl} refuses the login of ${user}`, { cause: error })
    // The management listener opens before the node has booted its data store.
    if (error instanceof ServiceError && error.status === 500) throw new Error(`RabbitMQ at ${baseUrl} is not ready: ${error.detail ?? ''}`, { cause: error })
    throw error
  }
}
