import { mergeIni } from '../../config/ini.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'

/**
 * The new defaults of Placement 8 let in tokens for the system alone, and Nova comes with its token for the project `service`. The old ones let in
 * the role admin and nobody else, so readers and members lose nothing. Placement 9 takes tokens for projects.
 */
const oldPolicies = { enforce_new_defaults: false, enforce_scope: false }

/** Placement. */
export const placement: ServiceDefinition<typeof api> = {
  ...api,
  catalog: { type: 'placement', description: 'Placement' },
  policies: {},
  config: (c) => ({
    'placement.conf': mergeIni(c.apiCommon(oldPolicies), {
      api: { auth_strategy: 'keystone' },
      placement_database: { connection: c.database() },
    }),
  }),
  schema: (c) => c.program({ args: ['placement-manage', 'db', 'sync'] }),
  workloads: () => [
    {
      part: 'api',
      process: (c) => c.api({ script: { zed: '/usr/bin/placement-api' } }),
    },
  ],
}
