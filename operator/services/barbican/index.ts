import { mergeIni } from '../../config/ini.ts'
import type { ServiceDefinition } from '../definition.ts'
import { api } from './api.ts'

/** What encrypts the keys of the projects, which encrypt their secrets. Barbican 15 knows one and cannot change it, so it is never rotated. */
const KEY = 'barbican.key'

/** Barbican. Secrets are in its database, encrypted by itself (its own defaults: store_crypto and simple_crypto); orders are worked off by the API. */
export const barbican: ServiceDefinition<typeof api> = {
  ...api,
  catalog: { type: 'key-manager', description: 'Key Manager' },
  credentials: { [KEY]: 'fernet-key' },
  keeping: {
    [KEY]: {
      secret: 'barbican-config',
      read: (files) => /^kek = (.*)$/m.exec(files['barbican.conf'] ?? '')?.[1],
      loss: {
        step: 'barbican/schema',
        sentence: 'with a new one no secret that Barbican holds could ever be read again',
        remedy: 'those secrets are given up',
      },
    },
  },
  policies: {},
  config: (c) => ({
    'barbican.conf': mergeIni(c.apiCommon(), {
      DEFAULT: {
        sql_connection: c.database(),
        // The links in its answers.
        host_href: c.scope.publicUrl('barbican-api'),
      },
      simple_crypto_plugin: { kek: c.credential(KEY) },
    }),
  }),
  schema: (c) => c.program({ args: ['barbican-manage', 'db', 'upgrade'] }),
  workloads: () => [
    {
      part: 'api',
      process: (c) => c.api({ script: { zed: '/usr/share/teruwa/wsgi.py' }, health: '/healthcheck' }),
    },
  ],
}
