import type { Step } from '../model/step.ts'
import type { Scope } from '../model/scope.ts'
import type { ServiceDefinition } from './definition.ts'

/**
 * What is left to do for a service that is switched off: its entries leave the catalogue, and its databases go where `deletionPolicy` is Delete. Its
 * objects go because no step wants them.
 */
export function unwantedSteps({ spec }: Scope, { name, catalog = [], databases = [] }: ServiceDefinition): Step[] {
  return [
    ...(catalog.length === 0
      ? []
      : [
          {
            id: `${name}/unregistered`,
            needs: ['keystone/api'],
            outside: () => ({ kind: 'unregister' as const, want: catalog.map(({ type }) => ({ type, name })) }),
          },
        ]),
    ...(databases.length === 0 || spec.deletionPolicy !== 'Delete'
      ? []
      : [{ id: `${name}/dropped`, needs: ['mariadb'], outside: () => ({ kind: 'drop-databases' as const, want: databases }) }]),
  ]
}
