import { randomBytes } from 'node:crypto'
import { hypervisorKind, apiVersion, labels } from '../../api/v1alpha1/index.ts'
import type { HypervisorStatus, OpenStackClusterStatus } from '../../api/v1alpha1/index.ts'
import { newAuthorities, trustOf } from '../../config/authorities.ts'
import type { KubeObject } from '../../kube/types.ts'
import type { Answer } from '../../model/outside.ts'
import { clusterOf, EVERYTHING } from '../test-world.ts'
import type { SeenCloud } from './metric.ts'

/** When the certificates of the cloud were made. */
export const MADE_AT = Date.parse('2026-01-01T00:00:00Z')

const status: OpenStackClusterStatus = {
  operator: 'teruwa/operator:1',
  conditions: [
    { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Ready', message: '' },
    { type: 'NovaReady', status: 'Unknown', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Deleting', message: '' },
  ],
  hypervisors: { labelled: 1, up: 1, summary: '1/1', servers: 2 },
  steps: [
    { id: 'mariadb', state: 'Ready' },
    { id: 'nova/api', state: 'Failed' },
    { id: 'nova/config', state: 'Ready' },
  ],
}

/** The status of a hypervisor that is up. */
export const up: HypervisorStatus = {
  state: 'Up',
  servers: 2,
  vcpus: { used: 3, total: 8, summary: '3/8' },
  memory: { used: 1024, total: 4096, summary: '1.0/4.0Gi' },
}

function workload(kind: string, name: string, service: string, replicas: number, availableReplicas: number): KubeObject {
  return { apiVersion: 'apps/v1', kind, metadata: { name, labels: { [labels.component]: service } }, spec: { replicas }, status: { availableReplicas } }
}

function certificates(): KubeObject {
  const trust = trustOf(newAuthorities(randomBytes, MADE_AT), { name: 'authority', commonName: 'hypervisor', addresses: ['10.0.0.1'] })
  const files = { 'ca-cert.pem': trust.authorities, 'cert.pem': trust.certificate, 'key.pem': trust.key }
  const data = Object.fromEntries(Object.entries(files).map(([key, text]) => [key, Buffer.from(text).toString('base64')]))
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'libvirt-certificates' }, data }
}

/** A cloud with hypervisors of these names, of which everything is known that can be. */
export function wholeCloud(nodes: readonly string[]): SeenCloud {
  const hypervisors = nodes.map((node): KubeObject => ({ apiVersion, kind: hypervisorKind, metadata: { name: node, namespace: 'openstack' }, status: up }))
  const answer = (step: string, brought: Pick<Answer, 'data' | 'measured'>, at = 1): Answer => ({ step, at, ...brought })
  const agent = (host: string) => ({ id: host, binary: 'neutron-linuxbridge-agent', host, alive: true, enabled: true })
  return {
    cluster: { ...clusterOf(EVERYTHING), status },
    owned: [
      workload('StatefulSet', 'mariadb', 'mariadb', 1, 1),
      workload('Deployment', 'keystone-api', 'keystone', 2, 1),
      workload('Deployment', 'nova-conductor', 'nova', 1, 1),
      certificates(),
    ],
    hypervisors,
    answers: [
      answer('compute/services', {
        measured: {
          workers: [{ binary: 'nova-conductor', host: 'nova-conductor-1', up: false }, ...nodes.map((host) => ({ binary: 'nova-compute', host, up: true }))],
        },
      }),
      answer('neutron/agents', { data: { agents: nodes.map(agent) } }),
      answer('cinder/backends', { measured: { workers: [{ binary: 'cinder-volume', host: 'cinder@ceph', up: true }] } }),
      answer('compute/time', {
        data: {
          time: [...nodes.map((node) => ({ node, state: 'Synchronized' as const, offset: -0.25, error: 0.001 })), { node: 'mute', state: 'NoAnswer' as const }],
        },
      }),
      answer('bootstrap/quotas', {
        measured: {
          quotas: [
            { domain: 'Default', project: 'demo', type: 'compute', resource: 'instances', limit: 10, used: 9 },
            { domain: 'Default', project: 'demo', type: 'volume', resource: 'gigabytes', limit: -1, used: 5 },
          ],
        },
      }),
      answer('nova/messaging', { measured: { queues: { queues: 12, ready: 8, unacknowledged: 1, longest: 5 } } }),
      answer('glance/database', { measured: { database: { connections: 50, maxConnections: 1000 } } }, 1),
      answer('nova/database', { measured: { database: { connections: 42, maxConnections: 1000, galera: { members: 3, ready: true } } } }, 2),
    ],
  }
}
