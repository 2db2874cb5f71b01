// spec.identity: domains, projects, roles and users that the operator keeps in Keystone.

import { z } from 'zod'
import { atomicList, mapList, objectName, openstackName, rules } from './fields.ts'

const description = () => z.string().max(255).optional().describe('What it is for.')

const domain = z.object({
  name: openstackName().describe('Name of the domain. Example: `Customers`.'),
  description: description(),
})

const project = z.object({
  name: openstackName().describe('Name of the project. Example: `myproject`.'),
  domain: openstackName().default('Default').describe('Domain that it belongs to.'),
  description: description(),
})

const role = z.object({
  name: openstackName().describe('Name of the role. Example: `myrole`. The roles admin, member, reader and service are always there.'),
  description: description(),
})

const roleAssignment = z
  .object({
    role: openstackName().describe('Name of the role. Example: `member`.'),
    project: openstackName().optional().describe('Name of the project in which the user has it.'),
    domain: openstackName().optional().describe('Name of the domain on which the user has it.'),
    system: z.enum(['all']).optional().describe('`all`: the user has it on the whole system.'),
  })
  .meta(
    rules({
      rule: '(has(self.project) ? 1 : 0) + (has(self.domain) ? 1 : 0) + (has(self.system) ? 1 : 0) == 1',
      message: 'roles[]: exactly one of project, domain and system must be set',
    }),
  )

const user = z
  .object({
    name: openstackName().describe(
      'Name of the user: lower-case letters, digits, hyphens and dots. Its credentials (`username`, `password`, `clouds.yaml`, `openrc`) are in the Secret `<cluster>-user-<name>`. Example: `myuser`.',
    ),
    domain: openstackName().default('Default').describe('Domain that it belongs to.'),
    project: openstackName().optional().describe('Default project: the one that a token is for when none is asked for.'),
    email: z.string().max(254).optional().describe('Mail address.'),
    roles: atomicList(roleAssignment, 16).default([]).describe('Roles that the user has.'),
    passwordSecret: z
      .object({
        name: objectName().describe("Name of a Secret in the cluster's namespace."),
        key: z
          .string()
          .min(1)
          .max(253)
          .regex(/^[-._A-Za-z0-9]+$/)
          .default('password')
          .describe('Key in the Secret.'),
      })
      .optional()
      .describe('Secret that holds the password. Without it the operator makes one.'),
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
  users: mapList(user, 64, 'name').default([]).describe('Users.'),
})
