import { databaseServer } from '../model/backing.ts'
import type { Step } from '../model/step.ts'
import type { Scope } from '../model/scope.ts'
import { databasesOf } from './definition.ts'
import type { ServiceDefinition } from './definition.ts'

/**
 * What is left to do for a service that is switched off: its entry leaves the catalogue, and its databases go where `deletionPolicy` is Delete and the server
 * is ours. Its objects go because no step wants them.
 */
export function unwantedSteps(scope: Scope, definition: ServiceDefinition): Step[] {
  const { spec } = scope
  const { name, catalog } = definition
  const databases = databasesOf(definition)
  const server = databaseServer(scope)
  return [
    ...(catalog === undefined
      ? []
      : [
          {
            id: `${name}/unregistered`,
            needs: ['keystone/api'],
            outside: () => ({ kind: 'unregister' as const, want: [{ type: catalog.type, name }] }),
          },
        ]),
    ...(databases.length === 0 || spec.deletionPolicy !== 'Delete' || server === undefined || server.external
      ? []
      : [{ id: `${name}/dropped`, needs: ['mariadb'], outside: () => ({ kind: 'drop-databases' as const, server, want: databases }) }]),
  ]
}
