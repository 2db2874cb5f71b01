import { mergeIni } from '../../config/ini.ts'
import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'

const conf = (c: Context) => c.file('placement.conf', '/etc/placement/placement.conf')

/**
 * The new defaults of Placement 8 let in tokens for the system alone, and Nova comes with its token for the project `service`. The old ones let in
 * the role admin and nobody else, so readers and members lose nothing. Placement 9 takes tokens for projects.
 */
const oldPolicies = { enforce_new_defaults: false, enforce_scope: false }

/** Placement. */
export const placement: ServiceDefinition<typeof api> = {
  ...api,
  catalog: [{ type: 'placement', app: 'placement-api', description: 'Placement' }],
  databases: ['placement'],
  keystoneUser: true,
  policies: {},
  config: (c) => ({
    'placement.conf': mergeIni(c.common(), c.authToken(), c.policy(oldPolicies), {
      api: { auth_strategy: 'keystone' },
      placement_database: { connection: c.database('placement') },
    }),
  }),
  schema: (c) => c.process({ image: 'placement', args: ['placement-manage', 'db', 'sync'], files: [conf(c)] }, { requests: { cpu: '50m', memory: '128Mi' } }),
  workloads: () => [
    {
      part: 'api',
      process: (c) => c.api({ script: { zed: '/usr/bin/placement-api' }, processes: 1, threads: 8, files: [conf(c)] }),
    },
  ],
}
