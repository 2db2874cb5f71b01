import { fernetFiles, fernetKeysToKeep } from '../../config/fernet.ts'
import { mergeIni } from '../../config/ini.ts'
import { DEFAULT_DOMAIN, SERVICE_PROJECT, SERVICE_ROLE } from '../context.ts'
import type { Context } from '../context.ts'
import { api } from './api.ts'
import type { ServiceDefinition } from '../definition.ts'

/** [token] allow_expired_window, in minutes: Keystone's own default, two days. */
const EXPIRED_WINDOW = 2880

const fernetKeys = (c: Context) => ({ name: 'keystone-fernet-keys', files: fernetFiles(c.credential('keystone.fernet')) })
const credentialKeys = (c: Context) => ({ name: 'keystone-credential-keys', files: fernetFiles(c.credential('keystone.credential')) })
const bootstrap = (c: Context) => ({ name: 'keystone-bootstrap', files: { password: c.credential('keystone.admin') } })

const directories = (c: Context) =>
  [
    { path: '/etc/keystone/fernet-keys', source: { kind: 'secret', config: fernetKeys(c), live: true } },
    { path: '/etc/keystone/credential-keys', source: { kind: 'secret', config: credentialKeys(c), live: true } },
  ] as const

/** Keystone. Its own catalogue entry, the user admin, the Default domain and the first roles come from `keystone-manage bootstrap`. */
export const keystone: ServiceDefinition<typeof api> = {
  ...api,
  credentials: { 'keystone.admin': 'password', 'keystone.fernet': 'fernet-repository', 'keystone.credential': 'fernet-repository' },
  keeping: {
    // Only log-ins are lost with it: where there is no copy of it either, it is made anew.
    'keystone.fernet': { secret: 'keystone-fernet-keys', read: (files) => JSON.stringify(files) },
    'keystone.credential': {
      secret: 'keystone-credential-keys',
      read: (files) => JSON.stringify(files),
      loss: {
        claim: 'data-mariadb-0',
        step: 'keystone/schema',
        sentence: 'what Keystone has encrypted with it (EC2 keys, TOTP seeds) could never be read again',
        remedy: 'what was encrypted is given up',
      },
    },
    'keystone.admin': {
      secret: 'keystone-bootstrap',
      read: ({ password }) => password,
      loss: {
        claim: 'data-mariadb-0',
        step: 'keystone/schema',
        sentence: "with a new one the operator could not log in to Keystone, which has the administrator's old one",
        remedy: 'delete the Job keystone-schema-…, which sets it in Keystone when it runs again',
      },
    },
  },
  rotations: ({ services }) => {
    const { fernetRotationMinutes, tokenExpirationMinutes } = services.keystone
    const keep = fernetKeysToKeep({ expiration: tokenExpirationMinutes, window: EXPIRED_WINDOW, rotation: fernetRotationMinutes })
    return [{ credential: 'keystone.fernet', everyMinutes: fernetRotationMinutes, keep }]
  },
  secrets: (c) => [fernetKeys(c), credentialKeys(c), bootstrap(c)],
  policies: {},
  config: (c) => ({
    'keystone.conf': mergeIni(c.apiCommon(), {
      database: { connection: c.database() },
      token: { provider: 'fernet', expiration: c.scope.spec.services.keystone.tokenExpirationMinutes * 60, allow_expired_window: EXPIRED_WINDOW * 60 },
      // What bcrypt takes at most; without it Keystone warns at each password that longer ones would be cut.
      identity: { max_password_length: 72 },
      ...c.cache(),
      // How many keys there are is the operator's to say: it rotates them.
      fernet_tokens: { key_repository: '/etc/keystone/fernet-keys' },
      credential: { key_repository: '/etc/keystone/credential-keys' },
    }),
  }),
  schema: (c) =>
    c.program({
      args: ['keystone-schema'],
      env: {
        OS_BOOTSTRAP_USERNAME: 'admin',
        OS_BOOTSTRAP_PROJECT_NAME: 'admin',
        OS_BOOTSTRAP_ROLE_NAME: 'admin',
        OS_BOOTSTRAP_SERVICE_NAME: 'keystone',
        OS_BOOTSTRAP_REGION_ID: c.scope.spec.region,
        OS_BOOTSTRAP_PUBLIC_URL: `${c.scope.publicUrl('keystone-api')}/v3`,
        OS_BOOTSTRAP_INTERNAL_URL: `${c.scope.internalUrl('keystone-api')}/v3`,
        OS_BOOTSTRAP_ADMIN_URL: `${c.scope.internalUrl('keystone-api')}/v3`,
      },
      secretEnv: { OS_BOOTSTRAP_PASSWORD: { config: bootstrap(c), key: 'password' } },
      directories: directories(c),
    }),
  // What all services share is made once, before they register side by side.
  steps: () => [
    {
      id: 'keystone/service-project',
      needs: ['keystone/api'],
      outside: () => ({ kind: 'identity', want: { projects: [{ name: SERVICE_PROJECT, domain: DEFAULT_DOMAIN }], roles: [{ name: SERVICE_ROLE }] } }),
    },
  ],
  workloads: () => [
    {
      part: 'api',
      process: (c) => c.api({ script: { zed: '/usr/share/teruwa/wsgi.py' }, health: '/v3', directories: directories(c) }),
    },
  ],
}
