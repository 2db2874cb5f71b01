// spec.hypervisors, spec.networkNodes, spec.images and spec.endpoints: where the services run, and how they are reached.

import { z } from 'zod'
import { hostName, map, mapList, nodeSelector, objectName, rules } from './fields.ts'
import { endpointNames } from './registry.ts'

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
