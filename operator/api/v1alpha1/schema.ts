// The OpenStackCluster: the one source of the CRD, of its documentation (`npm run generate` makes both) and of the types.
// zod is a build-time dependency: the operator imports types only. Defaults are filled in by the API server, so the types are z.output.

import { z } from 'zod'
import { backing } from './backing.ts'
import { bootstrap } from './bootstrap.ts'
import { rules } from './fields.ts'
import { identity } from './identity.ts'
import { backingRules, nodeOverrides, overrides, policies, services } from './registry.ts'
import { endpoints, hypervisors, images, networkNodes } from './services.ts'
import { status } from './status.ts'
import { timeSync } from './time.ts'
import type { apiVersion, kind } from './index.ts'

export type { ServiceName } from './registry.ts'

const immutable = (field: string) =>
  rules({ rule: 'self == oldSelf', message: `${field}: cannot be changed after the cluster was made`, reason: 'FieldValueForbidden' })

const shape = z.object({
  release: z.enum(['zed']).default('zed').meta(immutable('release')).describe('OpenStack release. Cannot be changed later.'),
  region: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .default('RegionOne')
    .meta(immutable('region'))
    .describe('Name of the region in the service catalogue. Cannot be changed later.'),
  images: images.prefault({}).describe('Where the container images come from.'),
  endpoints: endpoints.prefault({}).describe('How clients outside of the cluster reach the services.'),
  backing: backing.prefault({}).describe('What the services stand on.'),
  services: services.prefault({}).describe('The OpenStack services.'),
  hypervisors: hypervisors.prefault({}).describe('Nodes that run guests.'),
  networkNodes: networkNodes.prefault({}).describe('Nodes that run the DHCP, L3 and metadata agents.'),
  timeSync: timeSync.prefault({}).describe('Whether chrony runs on the nodes, to keep their clocks right or to watch them.'),
  identity: identity.prefault({}).describe('Domains, projects, roles and users in Keystone.'),
  bootstrap: bootstrap.prefault({}).describe('What the cloud holds from the start: images, flavors, networks, key pairs, servers.'),
  policies: policies
    .prefault({})
    .describe(
      'Who may do what: policies that stand in the place of those that a service has by itself, by the name of the service. They are read and checked before any pod sees them. Example: `{nova: {"os_compute_api:servers:create": "role:operator and project_id:%(project_id)s"}}`.',
    ),
  overrides: overrides
    .prefault({})
    .describe(
      'Options of the services\' own configuration files, which win over those of the operator. Example: `{nova: {nova.conf: {DEFAULT: {debug: "true"}}}}`.',
    ),
  nodeOverrides: nodeOverrides
    .default([])
    .describe(
      'The same for what runs on some nodes; these win over `overrides`. Two entries that fit one node may not set one option to different values. Example: `[{name: fast-disks, nodeSelector: {disk: nvme}, nova: {nova-compute.conf: {DEFAULT: {max_concurrent_live_migrations: "4"}}}}]`.',
    ),
  deletionPolicy: z
    .enum(['Retain', 'Delete'])
    .default('Retain')
    .describe(
      'What happens to the data when the cluster is deleted. `Retain` keeps the volumes and the Secrets with the passwords that belong to them, so that a cluster of the same name takes up the same data; `Delete` removes them.',
    ),
  paused: z.boolean().default(false).describe('Whether the operator leaves the cluster alone. What runs goes on running.'),
})

const spec = shape.meta(
  rules(
    ...backingRules,
    {
      rule: "self.services.neutron.mode == 'SelfService' || size(self.bootstrap.routers) == 0",
      message: 'bootstrap.routers: there are no routers where services.neutron.mode is Provider: leave them out',
      fieldPath: '.bootstrap.routers',
    },
    {
      rule: "self.services.neutron.mode == 'SelfService' || self.bootstrap.networks.all(n, has(n.provider))",
      message: 'bootstrap.networks: each network needs `provider` where services.neutron.mode is Provider, since projects have no networks of their own',
      fieldPath: '.bootstrap.networks',
    },
    {
      rule: "self.services.neutron.mode == 'SelfService' || self.bootstrap.networks.all(n, !has(n.provider) || n.provider.type in ['flat', 'vlan'])",
      message: 'bootstrap.networks: networks are of type flat or vlan where services.neutron.mode is Provider: leave those of types vxlan and local out',
      fieldPath: '.bootstrap.networks',
    },
    {
      rule: 'self.bootstrap.networks.all(n, !has(n.provider) || !has(n.provider.physicalNetwork) || self.services.neutron.physicalNetworks.exists(p, p.name == n.provider.physicalNetwork))',
      message: 'bootstrap.networks: provider.physicalNetwork must be the name of one of services.neutron.physicalNetworks',
      fieldPath: '.bootstrap.networks',
    },
    {
      rule: "self.services.neutron.mode == 'SelfService' || self.bootstrap.servers.all(s, !has(s.floatingNetwork))",
      message: 'bootstrap.servers: there are no floating IPs where services.neutron.mode is Provider: leave floatingNetwork out',
      fieldPath: '.bootstrap.servers',
    },
  ),
)

/** The schema of the whole resource, without apiVersion, kind and metadata, which are the API server's. */
export const openStackCluster = z
  .object({
    spec: spec.prefault({}).describe('What the cloud is to be.'),
    // What nobody has visited yet would be done in the eyes of kstatus: it takes an object that says nothing of itself for that.
    status: status
      .optional()
      .meta({ default: { observedGeneration: -1 } })
      .describe('What the cloud is.'),
  })
  .describe('An OpenStack cloud. docs/reference.md says more of each field.')

/** The part of metav1.ObjectMeta that an object which was read from the API server has for certain, and what the operator uses besides. */
export interface ObjectMeta {
  name: string
  namespace: string
  uid: string
  resourceVersion: string
  generation: number
  creationTimestamp: string
  deletionTimestamp?: string
  finalizers?: string[]
  labels?: Record<string, string>
  annotations?: Record<string, string>
}

/** An OpenStackCluster as the API server gives it: all defaults filled in. */
export interface OpenStackCluster {
  apiVersion: typeof apiVersion
  kind: typeof kind
  metadata: ObjectMeta
  spec: OpenStackClusterSpec
  status?: OpenStackClusterStatus
}

export type OpenStackClusterSpec = z.output<typeof spec>
export type OpenStackClusterStatus = z.output<typeof status>

export type Release = OpenStackClusterSpec['release']
export type Images = OpenStackClusterSpec['images']
export type Endpoints = OpenStackClusterSpec['endpoints']
export type Backing = OpenStackClusterSpec['backing']
/** A database that somebody else runs. */
export type ExternalDatabase = NonNullable<Backing['database']['external']>
export type Storage = Backing['database']['storage']
export type Resources = NonNullable<Backing['database']['resources']>
export type Services = OpenStackClusterSpec['services']
export type PhysicalNetwork = Services['neutron']['physicalNetworks'][number]
export type VolumeBackend = Services['cinder']['backends'][number]
/** A pool of Ceph's and the user to reach it with. */
export type CephPool = NonNullable<Services['glance']['rbd']>
export type SecretKey = CephPool['keyringSecret']
export type Hypervisors = OpenStackClusterSpec['hypervisors']
export type NetworkNodes = OpenStackClusterSpec['networkNodes']
export type TimeSync = OpenStackClusterSpec['timeSync']
export type Overrides = OpenStackClusterSpec['overrides']
export type NodeOverride = OpenStackClusterSpec['nodeOverrides'][number]
/** Options by file, section and name. */
export type ConfigFiles = NonNullable<Overrides['nova']>

export type Identity = OpenStackClusterSpec['identity']
export type IdentityDomain = Identity['domains'][number]
export type IdentityProject = Identity['projects'][number]
export type ProjectQuotas = NonNullable<IdentityProject['quotas']>
export type IdentityRole = Identity['roles'][number]
export type IdentityGroup = Identity['groups'][number]
export type IdentityUser = Identity['users'][number]
export type RoleAssignment = IdentityUser['roles'][number]

export type Bootstrap = OpenStackClusterSpec['bootstrap']
export type BootstrapImage = Bootstrap['images'][number]
export type BootstrapFlavor = Bootstrap['flavors'][number]
export type BootstrapNetwork = Bootstrap['networks'][number]
export type BootstrapSubnet = BootstrapNetwork['subnets'][number]
export type BootstrapRouter = Bootstrap['routers'][number]
export type BootstrapSecurityGroupRule = Bootstrap['securityGroupRules'][number]
export type BootstrapKeyPair = Bootstrap['keyPairs'][number]
export type BootstrapServer = Bootstrap['servers'][number]

export type StatusEndpoint = NonNullable<OpenStackClusterStatus['endpoints']>[number]
export type StatusService = NonNullable<OpenStackClusterStatus['services']>[number]
export type StatusStep = NonNullable<OpenStackClusterStatus['steps']>[number]
export type StepState = StatusStep['state']
