import type { Scope } from '../model/scope.ts'
import { DEFAULT_DOMAIN } from '../services/context.ts'

/** The domain of a project that the CR declares; one that it does not declare is looked for in the Default domain. */
export function projectDomain({ spec }: Pick<Scope, 'spec'>, project: string): string {
  return spec.identity.projects.find(({ name }) => name === project)?.domain ?? DEFAULT_DOMAIN
}

/** The same for a group. */
export function groupDomain({ spec }: Pick<Scope, 'spec'>, group: string): string {
  return spec.identity.groups.find(({ name }) => name === group)?.domain ?? DEFAULT_DOMAIN
}
