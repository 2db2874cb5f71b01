import type { ServiceApi } from '../../api/v1alpha1/service.ts'

export const api = {
  name: 'barbican',
  title: 'Barbican',
  purpose: 'secrets of projects: passwords, keys and certificates.',
  optional: {
    default: false,
    what: 'is a store of secrets',
    off: 'Off keeps the database, so that on again finds every secret, unless `deletionPolicy` is `Delete`.',
  },
  replicas: "Barbican's API",
  files: ['barbican.conf'],
  policyExample: '{"secrets:post": "role:operator"}',
  endpoints: { api: 9311 },
} as const satisfies ServiceApi
