import type { ServiceApi } from '../../api/v1alpha1/service.ts'

export const api = {
  name: 'nova',
  title: 'Nova',
  purpose: 'compute.',
  replicas: "each of Nova's API, metadata API, scheduler, conductor and console proxy",
  fields: ({ enabled, z }) => ({
    cpuAllocationRatio: z.number().gt(0).max(1000).default(16).describe('Virtual CPUs that may be promised for each CPU of a hypervisor.'),
    ramAllocationRatio: z.number().gt(0).max(1000).default(1.5).describe('Memory that may be promised for each byte of a hypervisor.'),
    diskAllocationRatio: z.number().gt(0).max(1000).default(1).describe('Disk that may be promised for each byte of a hypervisor.'),
    metadata: z
      .object({ enabled: enabled('the metadata service (169.254.169.254), by which guests learn their name and their keys') })
      .prefault({})
      .describe("Nova's metadata service and Neutron's metadata agents."),
  }),
  files: ['nova.conf', 'nova-compute.conf'],
  nodeFiles: ['nova-compute.conf'],
  policyExample: '{"os_compute_api:servers:create": "role:operator and project_id:%(project_id)s"}',
  endpoints: { api: 8774, novncproxy: 6080 },
  ports: { metadata: 8775 },
} as const satisfies ServiceApi
