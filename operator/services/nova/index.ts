import { api } from './api.ts'
import type { ServiceDefinition, Workload } from '../definition.ts'
import { novaComputeConf, novaConf } from './config.ts'

/** Sign the certificates by which hypervisors know each other. */
export const HYPERVISOR_AUTHORITIES = 'nova.hypervisor-authorities'
/** Each of them signs for 90 days, and is trusted for as long before and after. */
const AUTHORITY_MINUTES = 90 * 24 * 60

/** The scheduler and the conductor exit when their users cannot get a token yet, so they come after the registration. */
function daemon(part: string): Workload {
  return {
    part,
    needs: ['nova/identity', 'placement/identity'],
    process: (c) => c.daemon({ args: [`nova-${part}`], requests: { memory: '192Mi' } }),
  }
}

function wsgi(part: 'api' | 'metadata', script: string, processes: number): Workload {
  return { part, process: (c) => c.api({ part, script: { zed: script }, processes, threads: 1 }) }
}

/** Nova's control plane. Its hypervisors are in compute/. */
export const nova: ServiceDefinition<typeof api> = {
  ...api,
  catalog: { type: 'compute', path: '/v2.1', description: 'Compute' },
  databases: ['nova_api', 'nova', 'nova_cell0'],
  messaging: true,
  state: '/var/lib/nova',
  credentials: { 'nova.metadata-proxy': 'password', [HYPERVISOR_AUTHORITIES]: 'authorities' },
  rotations: () => [{ credential: HYPERVISOR_AUTHORITIES, everyMinutes: AUTHORITY_MINUTES, keep: 3 }],
  // Who owns a server may know that nobody knows how it is: its hypervisor is silent.
  policies: { 'os_compute_api:servers:show:host_status:unknown-only': 'rule:project_reader_or_admin' },
  config: (c) => ({ 'nova.conf': novaConf(c), 'nova-compute.conf': novaComputeConf(c) }),
  schema: (c) => c.program({ args: ['nova-schema'], requests: { memory: '192Mi' } }),
  workloads: ({ services }) => [
    // Two processes: with one, a call from Neutron would wait for the very request that waits for Neutron.
    wsgi('api', '/usr/bin/nova-api-wsgi', 2),
    ...(services.nova.metadata.enabled ? [wsgi('metadata', '/usr/bin/nova-metadata-wsgi', 1)] : []),
    daemon('scheduler'),
    daemon('conductor'),
    {
      part: 'novncproxy',
      process: (c) =>
        c.program({
          args: ['nova-novncproxy', '--web', '/usr/share/novnc'],
          ports: [{ name: 'http', port: api.endpoints.novncproxy }],
          serves: true,
          ready: { http: '/console.html', port: api.endpoints.novncproxy },
          requests: { cpu: '10m' },
        }),
    },
  ],
}
