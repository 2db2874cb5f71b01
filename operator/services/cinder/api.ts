import type { ServiceApi } from '../../api/v1alpha1/service.ts'
import { fields } from './fields.ts'

export const api = {
  name: 'cinder',
  title: 'Cinder',
  purpose: 'volumes.',
  optional: {
    default: false,
    what: 'are volumes',
    off: 'Off keeps the database, so that on again finds every volume, unless `deletionPolicy` is `Delete`. What is in the backends always stays.',
    needs: { coordination: 'Cinder keeps its locks in etcd' },
  },
  replicas: "each of Cinder's API and scheduler",
  fields,
  rules: [
    {
      rule: '!self.enabled || size(self.backends) > 0',
      message: 'services.cinder.backends: volumes need a place: declare a backend, or set services.cinder.enabled to false',
      fieldPath: '.backends',
    },
  ],
  files: ['cinder.conf'],
  policyExample: '{"volume:extend": "role:operator and project_id:%(project_id)s"}',
  endpoints: { api: 8776 },
} as const satisfies ServiceApi
