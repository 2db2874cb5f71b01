import type { ServiceApi } from '../../api/v1alpha1/service.ts'

export const api = {
  name: 'placement',
  title: 'Placement',
  purpose: 'what resources the hypervisors have and who uses them.',
  replicas: "Placement's API",
  files: ['placement.conf'],
  policyExample: '{"placement:usages": "role:reader"}',
  endpoints: { api: 8778 },
} as const satisfies ServiceApi
