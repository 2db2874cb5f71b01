import { mergeIni } from '../../config/ini.ts'
import type { Ini } from '../../config/ini.ts'
import { privsep } from '../context.ts'
import type { Context } from '../context.ts'
import { api } from './api.ts'

/** What the control plane and the hypervisors share. */
function shared(c: Context): Ini {
  return mergeIni(c.common(), c.broker(), c.serviceUser(), {
    DEFAULT: { state_path: '/var/lib/nova' },
    placement: { ...c.login(), valid_interfaces: 'internal' },
    neutron: { ...c.login(), valid_interfaces: 'internal' },
    glance: { valid_interfaces: 'internal', region_name: c.scope.spec.region },
    // Whether there is a Cinder or not: Nova asks the catalogue when somebody wants a volume.
    cinder: { ...c.login(), catalog_info: 'volumev3::internalURL', os_region_name: c.scope.spec.region },
    oslo_concurrency: { lock_path: '/var/lib/nova/tmp' },
  })
}

/** nova.conf of the APIs, the scheduler, the conductor and the console proxy. */
export function novaConf(c: Context): Ini {
  return mergeIni(shared(c), c.authToken(), c.policy(), {
    DEFAULT: { enabled_apis: ['osapi_compute', 'metadata'] },
    api_database: { connection: c.database('nova_api') },
    database: { connection: c.database() },
    ...c.cache(),
    neutron: { service_metadata_proxy: true, metadata_proxy_shared_secret: c.credential('nova.metadata-proxy') },
    conductor: { workers: 1 },
    // New hosts are mapped at once by a Job of the operator; a periodic task would only find them later.
    scheduler: { workers: 1, discover_hosts_in_cells_interval: -1 },
    vnc: { enabled: true, novncproxy_host: '0.0.0.0', novncproxy_port: api.endpoints.novncproxy },
  })
}

/** Of Nova itself, os-vif's plugin and os-brick. */
const privsepSections = ['nova_sys_admin', 'vif_plug_linux_bridge_privileged', 'privsep_osbrick']

/**
 * nova.conf of the hypervisors: no database ("No DB access allowed in nova-compute"). What differs by node (addresses, virt_type) comes from
 * the pod's environment, which oslo.config reads before its files.
 */
export function novaComputeConf(c: Context): Ini {
  const { nova } = c.scope.spec.services
  return mergeIni(shared(c), privsep('/etc/nova/nova.conf', privsepSections), {
    DEFAULT: {
      compute_driver: 'libvirt.LibvirtDriver',
      cpu_allocation_ratio: nova.cpuAllocationRatio,
      ram_allocation_ratio: nova.ramAllocationRatio,
      disk_allocation_ratio: nova.diskAllocationRatio,
      // After the node itself was restarted, its guests come back.
      resume_guests_state_on_host_boot: true,
    },
    // Commands, memory and disks go between hypervisors over mutual TLS alone; the address is each node's own.
    libvirt: { live_migration_scheme: 'tls', live_migration_with_native_tls: true },
    vnc: {
      enabled: true,
      server_listen: '$my_ip',
      server_proxyclient_address: '$my_ip',
      novncproxy_base_url: `${c.scope.publicUrl('nova-novncproxy')}/console.html`,
    },
  })
}
