import type { ServiceApi } from '../../api/v1alpha1/service.ts'
import { fields } from './fields.ts'

export const api = {
  name: 'neutron',
  title: 'Neutron',
  purpose: 'networking (ML2 with linuxbridge).',
  replicas: "each of Neutron's API and RPC server",
  fields,
  files: ['neutron.conf', 'agent.conf', 'ml2_conf.ini', 'linuxbridge_agent.ini', 'dhcp_agent.ini', 'l3_agent.ini', 'metadata_agent.ini'],
  nodeFiles: ['agent.conf', 'linuxbridge_agent.ini', 'dhcp_agent.ini', 'l3_agent.ini', 'metadata_agent.ini'],
  policyExample: '{create_floatingip: "role:operator and project_id:%(project_id)s"}',
  endpoints: { api: 9696 },
} as const satisfies ServiceApi
