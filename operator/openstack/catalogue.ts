import type { Change, Ensured } from './change.ts'
import { listAll, remove } from './resource.ts'
import type { Collection } from './resource.ts'
import type { Session } from './session.ts'

const services: Collection = { service: 'identity', path: '/services', singular: 'service', plural: 'services', update: 'PATCH', kind: 'catalogue entry' }

/** Takes services of these types and names out of the catalogue; Keystone removes their endpoints with them. */
export async function unregister(session: Session, wants: readonly { readonly type: string; readonly name: string }[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  const listed = await listAll(session, services, {}, signal)
  const ours = listed.filter((entry) => wants.some(({ type, name }) => entry['type'] === type && entry['name'] === name))
  await Promise.all(ours.map(({ id, type, name }) => remove(session, services, id, `${String(name)} (${String(type)})`, changes, signal)))
  return { changes }
}
