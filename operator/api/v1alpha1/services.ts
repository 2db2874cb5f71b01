// spec.services, spec.backing, spec.hypervisors, spec.networkNodes and spec.overrides: what runs, and how much of it.

import { z } from 'zod'
import { enabled, map, mapList, nodeSelector, objectName, replicas, resources, rules, setList, sharedStorage, storage } from './fields.ts'
import { neutron } from './neutron.ts'
import { cinder, glanceRbd } from './volumes.ts'

export const backing = z.object({
  database: z
    .object({ storage: storage('5Gi'), resources: resources() })
    .prefault({})
    .describe('MariaDB, one pod: the databases of all services.'),
  messaging: z
    .object({ storage: storage('1Gi'), resources: resources() })
    .prefault({})
    .describe('RabbitMQ, one pod: the RPC of Nova, Neutron and Cinder.'),
  cache: z
    .object({
      enabled: enabled('a Memcached; without it each API asks Keystone about each token'),
      memoryMiB: z.int().min(16).max(65536).default(64).describe('Memory for cached items, in MiB.'),
      resources: resources(),
    })
    .prefault({})
    .describe("Memcached, one pod: validated tokens and the dashboard's sessions. Holds no data that could be lost."),
  coordination: z
    .object({ enabled: enabled('an etcd; its volume stays when it is switched off'), storage: storage('1Gi'), resources: resources() })
    .prefault({})
    .describe('etcd, one pod: locks between the processes of a service.'),
})

const hostName = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/)

export const services = z.object({
  keystone: z
    .object({
      replicas: replicas("Keystone's API"),
      tokenExpirationMinutes: z.int().min(5).max(10080).default(60).describe('Minutes after which a token is no longer valid.'),
      fernetRotationMinutes: z
        .int()
        .min(2)
        .max(43200)
        .default(720)
        .describe(
          'Minutes after which the keys that tokens are made with change. Each key is kept until no token that it opens can be shown any more. At least 2: a node gets a changed Secret within a minute and a half, and a key must be everywhere before tokens are made with it.',
        ),
      resources: resources(),
    })
    .prefault({})
    .describe('Keystone: identity and the service catalogue.'),
  glance: z
    .object({ replicas: replicas("Glance's API"), storage: sharedStorage('10Gi'), rbd: glanceRbd, resources: resources() })
    .meta(
      rules(
        {
          rule: '!has(oldSelf.rbd) || has(self.rbd) && self.rbd.pool == oldSelf.rbd.pool',
          message: 'services.glance.rbd: the pool cannot be taken away or changed, since images are in it',
          fieldPath: '.rbd',
          reason: 'FieldValueForbidden',
        },
        {
          rule: "self.replicas == 1 || self.storage.accessMode == 'ReadWriteMany'",
          message:
            'services.glance.replicas: more than one replica needs services.glance.storage.accessMode ReadWriteMany, because all of them serve the same files',
          fieldPath: '.replicas',
        },
      ),
    )
    .prefault({})
    .describe('Glance: images, kept as files on a volume, or in Ceph.'),
  placement: z
    .object({ replicas: replicas("Placement's API"), resources: resources() })
    .prefault({})
    .describe('Placement: what resources the hypervisors have and who uses them.'),
  nova: z
    .object({
      replicas: replicas("each of Nova's API, metadata API, scheduler, conductor and console proxy"),
      cpuAllocationRatio: z.number().min(0.1).max(1000).default(16).describe('Virtual CPUs that may be promised for each CPU of a hypervisor.'),
      ramAllocationRatio: z.number().min(0.1).max(1000).default(1.5).describe('Memory that may be promised for each byte of a hypervisor.'),
      diskAllocationRatio: z.number().min(0.1).max(1000).default(1).describe('Disk that may be promised for each byte of a hypervisor.'),
      metadata: z
        .object({ enabled: enabled('the metadata service (169.254.169.254), by which guests learn their name and their keys') })
        .prefault({})
        .describe("Nova's metadata service and Neutron's metadata agents."),
      resources: resources(),
    })
    .prefault({})
    .describe('Nova: compute.'),
  neutron: neutron.prefault({}).describe('Neutron: networking (ML2 with linuxbridge).'),
  horizon: z
    .object({
      enabled: enabled('a dashboard'),
      replicas: replicas('the dashboard'),
      sessionTimeoutMinutes: z
        .int()
        .min(1)
        .max(10080)
        .default(60)
        .describe("Minutes after which a person must log in again, whatever they do. A token's end comes first where that is earlier."),
      allowedHosts: setList(hostName(), 16)
        .default([])
        .describe('Host names by which browsers may ask for the dashboard, besides that of its endpoint. Example: `[dashboard.example.com]`.'),
      settings: map(z.string().min(1).max(4096), 64)
        .default({})
        .meta(
          rules({
            rule: "self.all(s, s.matches('^[A-Z][A-Z0-9_]*$'))",
            message: 'services.horizon.settings: names of settings are in capital letters, as in SESSION_TIMEOUT',
          }),
        )
        .describe(
          'Settings of Horizon and Django by name, each value as JSON; they win over those of the operator. Example: `{DROPDOWN_MAX_ITEMS: "50", SITE_BRANDING: "\\"My cloud\\""}`.',
        ),
      resources: resources(),
    })
    .prefault({})
    .describe('Horizon: the dashboard. Its sessions are kept in the cache.'),
  cinder,
})

export const hypervisors = z.object({
  virtType: z
    .enum(['auto', 'kvm', 'qemu'])
    .default('auto')
    .describe('`kvm` runs guests on the processor, `qemu` emulates one. `auto` takes kvm on each node that has vmx or svm and /dev/kvm, else qemu.'),
  nodeSelector: nodeSelector('openstack.teruwa.io/hypervisor'),
})

export const networkNodes = z.object({
  nodeSelector: nodeSelector('openstack.teruwa.io/network'),
})

export const images = z.object({
  registry: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[a-z0-9]([a-z0-9._:/-]*[a-z0-9])?$/)
    .default('teruwa')
    .describe('Registry and path that stands before the name of each image. Example: `registry.example.com/teruwa`.'),
  pullPolicy: z.enum(['IfNotPresent', 'Always', 'Never']).default('IfNotPresent').describe('When nodes pull images.'),
  pullSecrets: mapList(
    z.object({ name: objectName().describe("Name of a Secret of type `kubernetes.io/dockerconfigjson` in the cluster's namespace.") }),
    8,
    'name',
  )
    .default([])
    .describe('Secrets for the registry.'),
  overrides: map(z.string().min(1).max(512), 32)
    .default({})
    .describe('A full reference instead of the release\'s own, by the name of the image. Example: `{keystone: "registry.example.com/keystone@sha256:…"}`.'),
})

/** Services with a public endpoint, by the name that `status.endpoints` has. */
const endpointNames = ['keystone', 'glance', 'placement', 'nova', 'nova-novncproxy', 'neutron', 'horizon', 'cinder'] as const

export const endpoints = z.object({
  type: z
    .enum(['NodePort', 'LoadBalancer', 'ClusterIP'])
    .default('NodePort')
    .describe('Type of the Services that clients outside of the cluster use. With `ClusterIP` only clients inside reach them.'),
  host: hostName()
    .optional()
    .describe(
      'Name or IPv4 address in the public endpoints. Without it: the address of the first ready node (NodePort) or of the load balancer. Example: `cloud.example.com`.',
    ),
  urls: map(
    z
      .string()
      .max(512)
      .regex(/^https?:\/\/[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/),
    16,
  )
    .default({})
    .meta(
      rules({
        rule: `self.all(s, s in [${endpointNames.map((name) => `'${name}'`).join(', ')}])`,
        message: `endpoints.urls: unknown service; there are ${endpointNames.join(', ')}`,
      }),
    )
    .describe(
      `URLs, without a path, of services that something stands in front of, such as an ingress that ends TLS, by the name in \`status.endpoints\`. Example: \`{horizon: "https://dashboard.example.com"}\`.`,
    ),
})

const configFiles = (...files: string[]) =>
  map(map(map(z.string().max(4096), 64), 32), 8)
    .meta(
      rules({
        rule: `self.all(f, f in [${files.map((f) => `'${f}'`).join(', ')}])`,
        message: `overrides: unknown file; this service has ${files.join(', ')}`,
      }),
    )
    .optional()
    .describe(`Options by file and section. Files: ${files.map((f) => `\`${f}\``).join(', ')}.`)

export const overrides = z.object({
  keystone: configFiles('keystone.conf'),
  glance: configFiles('glance-api.conf'),
  placement: configFiles('placement.conf'),
  nova: configFiles('nova.conf', 'nova-compute.conf'),
  neutron: configFiles('neutron.conf', 'agent.conf', 'ml2_conf.ini', 'linuxbridge_agent.ini', 'dhcp_agent.ini', 'l3_agent.ini', 'metadata_agent.ini'),
  cinder: configFiles('cinder.conf'),
})

const policyRules = (service: string, example: string) =>
  map(z.string().max(4096), 256).optional().describe(`Policies of ${service}: rules of oslo.policy, by name. Example: \`${example}\`.`)

export const policies = z.object({
  keystone: policyRules('Keystone', '{"identity:list_users": "role:operator or rule:admin_required"}'),
  glance: policyRules('Glance', '{publicize_image: "role:publisher"}'),
  placement: policyRules('Placement', '{"placement:usages": "role:reader"}'),
  nova: policyRules('Nova', '{"os_compute_api:servers:create": "role:operator and project_id:%(project_id)s"}'),
  neutron: policyRules('Neutron', '{create_floatingip: "role:operator and project_id:%(project_id)s"}'),
  cinder: policyRules('Cinder', '{"volume:extend": "role:operator and project_id:%(project_id)s"}'),
})
