import { listRoleNames } from './identity.ts'
import type { Session } from './session.ts'

/** A role that a policy asks for. */
export interface PolicyRoleWant {
  /** Where the policy stands in the spec. */
  readonly policy: string
  readonly role: string
}

/** Those of the wants whose role Keystone does not have. Policies compare names of roles without regard to case. */
export async function missingRoles(session: Session, wants: readonly PolicyRoleWant[], signal?: AbortSignal): Promise<PolicyRoleWant[]> {
  const known = new Set((await listRoleNames(session, signal)).map((name) => name.toLowerCase()))
  return wants.filter(({ role }) => !known.has(role.toLowerCase()))
}
