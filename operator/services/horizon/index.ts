import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'
import { policyCopies, policyMounts } from './policies.ts'
import { settings } from './settings.ts'

const conf = (c: Context) => c.file('settings.json', '/etc/openstack-dashboard/teruwa.json')

/** Horizon. Without a database and without a user in Keystone: it acts with the token of whoever is logged in. */
export const horizon: ServiceDefinition<typeof api> = {
  ...api,
  // Shared by all replicas, so that each can read the others' cookies.
  credentials: { 'horizon.secret-key': 'password' },
  config: () => ({}),
  texts: (c) => ({
    'settings.json': `${JSON.stringify(settings(c), null, 2)}\n`,
    ...Object.fromEntries(policyCopies(c).map(({ key, text }) => [key, text])),
  }),
  workloads: () => [
    {
      part: 'web',
      process: (c) =>
        c.api({
          part: 'web',
          script: { zed: '/usr/share/teruwa/wsgi.py' },
          staticFiles: {
            path: '/static',
            directory: '/var/lib/openstack-dashboard/static',
            expires: [
              // Named by the hash of what they hold.
              { pattern: '^/static/dashboard/(js|css)/', seconds: 31_536_000 },
              { pattern: '^/static/', seconds: 3600 },
            ],
          },
          // Answers once the application is loaded. The log-in page says 503 while Memcached is away, and that people are to read.
          health: '/static/dashboard/img/favicon.ico',
          files: [conf(c), ...policyMounts(c)],
        }),
    },
  ],
}
