// spec.identity: domains, projects, roles and users that the operator keeps in Keystone.

import { z } from 'zod'
import { atomicList, mapList, openstackName, rules, secretKey, setList } from './fields.ts'

const description = () => z.string().max(255).optional().describe('What it is for.')

const domain = z.object({
  name: openstackName().describe('Name of the domain. Example: `Customers`.'),
  description: description(),
})

/** A limit as Nova, Neutron and Cinder take it: their databases hold 32 bits. */
const limit = (what: string) => z.int().min(-1).max(2147483647).optional().describe(`${what}; -1 is unlimited.`)

const quotas = z.object({
  compute: z
    .object({
      instances: limit('Servers'),
      cores: limit('Virtual CPUs of all servers'),
      ramMiB: limit('Memory of all servers, in MiB'),
      keyPairs: limit('Key pairs of each user'),
      metadataItems: limit('Metadata items of each server'),
      serverGroups: limit('Server groups'),
      serverGroupMembers: limit('Servers in each server group'),
    })
    .optional()
    .describe('Limits of Nova.'),
  network: z
    .object({
      networks: limit('Networks'),
      subnets: limit('Subnets'),
      subnetPools: limit('Subnet pools'),
      ports: limit('Ports'),
      routers: limit('Routers'),
      floatingIps: limit('Floating IPs'),
      securityGroups: limit('Security groups; each project has the group `default` from the start'),
      securityGroupRules: limit('Rules of all security groups; the group `default` has four from the start'),
      rbacPolicies: limit('RBAC policies: networks and other things that the project shares'),
    })
    .optional()
    .describe('Limits of Neutron.'),
  volume: z
    .object({
      volumes: limit('Volumes'),
      gigabytes: limit('Size of all volumes and snapshots, in GiB'),
      perVolumeGigabytes: limit('Size of each volume, in GiB'),
      snapshots: limit('Snapshots'),
      backups: limit('Backups'),
      backupGigabytes: limit('Size of all backups, in GiB'),
      groups: limit('Groups of volumes'),
    })
    .optional()
    .describe('Limits of Cinder. Not looked at while there is none.'),
})

const project = z.object({
  name: openstackName().describe('Name of the project. Example: `myproject`.'),
  domain: openstackName().default('Default').describe('Domain that it belongs to.'),
  description: description(),
  quotas: quotas
    .optional()
    .describe(
      'What the project may use at most. What is not set is as it is in Nova, Neutron and Cinder. A limit may be below what is in use: what is there stays, and nothing more can be made.',
    ),
})

const role = z.object({
  name: openstackName().describe('Name of the role. Example: `myrole`. The roles admin, member, reader and service are always there.'),
  description: description(),
})

/** A role on one place; `who` has it. */
const roleAssignment = (who: string) =>
  z
    .object({
      role: openstackName().describe('Name of the role. Example: `member`.'),
      project: openstackName().optional().describe(`Name of the project in which ${who} it.`),
      domain: openstackName().optional().describe(`Name of the domain on which ${who} it.`),
      system: z.enum(['all']).optional().describe(`\`all\`: ${who} it on the whole system.`),
    })
    .meta(
      rules({
        rule: '(has(self.project) ? 1 : 0) + (has(self.domain) ? 1 : 0) + (has(self.system) ? 1 : 0) == 1',
        message: 'roles[]: exactly one of project, domain and system must be set',
      }),
    )

const group = z.object({
  name: openstackName().describe('Name of the group. Example: `auditors`.'),
  domain: openstackName().default('Default').describe('Domain that it belongs to.'),
  description: description(),
  roles: atomicList(roleAssignment('its users have'), 16).default([]).describe('Roles that all its users have. Others that it has stay.'),
})

const user = z
  .object({
    name: openstackName().describe(
      'Name of the user: lower-case letters, digits, hyphens and dots. Its credentials (`username`, `password`, `clouds.yaml`, `openrc`) are in the Secret `<cluster>-user-<name>`. Example: `myuser`.',
    ),
    domain: openstackName().default('Default').describe('Domain that it belongs to.'),
    project: openstackName().optional().describe('Default project: the one that a token is for when none is asked for.'),
    email: z.string().max(254).optional().describe('Mail address.'),
    roles: atomicList(roleAssignment('the user has'), 16).default([]).describe('Roles that the user has.'),
    groups: setList(openstackName(), 16)
      .default([])
      .describe(
        'Names of groups that the user is in: of `identity.groups`, or others of the domain `Default`. It stays in others that it was put into elsewhere.',
      ),
    passwordSecret: secretKey('password').optional().describe('Secret that holds the password. Without it the operator makes one.'),
  })
  .meta(
    rules(
      {
        rule: "self.name.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
        messageExpression:
          "'users[].name: ' + self.name + ' cannot be a part of the name of a Secret, which its credentials are kept in: use lower-case letters, digits, hyphens and dots'",
        message: 'users[].name: use lower-case letters, digits, hyphens and dots',
        fieldPath: '.name',
      },
      {
        rule: "self.domain != 'Default' || !(self.name in ['admin', 'keystone', 'glance', 'placement', 'nova', 'neutron', 'cinder'])",
        messageExpression: "'users[].name: ' + self.name + ' is a user of the operator'",
        message: 'users[].name: is a user of the operator',
        fieldPath: '.name',
        reason: 'FieldValueForbidden',
      },
    ),
  )

export const identity = z.object({
  domains: mapList(domain, 32, 'name').default([]).describe('Domains besides `Default`.'),
  projects: mapList(project, 64, 'name').default([]).describe('Projects.'),
  roles: mapList(role, 32, 'name').default([]).describe('Roles besides those that are always there.'),
  groups: mapList(group, 32, 'name').default([]).describe('Groups of users.'),
  users: mapList(user, 64, 'name').default([]).describe('Users.'),
})
