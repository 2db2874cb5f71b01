import type { ServiceApi } from '../../api/v1alpha1/service.ts'

export const api = {
  name: 'keystone',
  title: 'Keystone',
  purpose: 'identity and the service catalogue.',
  replicas: "Keystone's API",
  fields: ({ z }) => ({
    tokenExpirationMinutes: z.int().min(5).max(10080).default(60).describe('Minutes after which a token is no longer valid.'),
    fernetRotationMinutes: z
      .int()
      .min(2)
      .max(43200)
      .default(720)
      .describe(
        'Minutes after which the keys that tokens are made with change. Each key is kept until no token that it opens can be shown any more. At least 2: a node gets a changed Secret within a minute and a half, and a key must be everywhere before tokens are made with it.',
      ),
  }),
  files: ['keystone.conf'],
  policyExample: '{"identity:list_users": "role:operator or rule:admin_required"}',
  endpoints: { api: 5000 },
} as const satisfies ServiceApi
