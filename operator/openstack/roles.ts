import { listAll } from './resource.ts'
import type { Session } from './session.ts'

/** A role that a policy asks for. */
export interface PolicyRoleWant {
  /** Where the policy stands in the spec. */
  readonly policy: string
  readonly role: string
}

/** Those of the wants whose role Keystone does not have. Policies compare names of roles without regard to case. */
export async function missingRoles(session: Session, wants: readonly PolicyRoleWant[], signal?: AbortSignal): Promise<PolicyRoleWant[]> {
  const listed = await listAll(session, { service: 'identity', path: '/roles', singular: 'role', plural: 'roles', update: 'PATCH' }, {}, signal)
  const known = new Set(listed.map(({ name }) => String(name).toLowerCase()))
  return wants.filter(({ role }) => !known.has(role.toLowerCase()))
}
