// spec.backing: what the services stand on, run by the operator or by somebody else.

import { z } from 'zod'
import { enabled, hostName, objectName, resources, rules, secretKey, storage } from './fields.ts'

const port = (usual: number) => z.int().min(1).max(65535).default(usual).describe('Its port.')

const authority = (whose: string) => secretKey('ca.crt').describe(`Where the certificates of the authorities are that ${whose} is known by (PEM).`)

const tls = (whose: string) =>
  z
    .object({ caSecret: authority(whose) })
    .optional()
    .describe(`Speak TLS with ${whose}, and with nobody who has no certificate for \`host\`. Without it, nothing is encrypted.`)

const adminSecret = (may: string) =>
  z
    .object({
      name: objectName().describe("Name of a Secret in the cluster's namespace. Example: one of type `kubernetes.io/basic-auth`."),
      userKey: z.string().min(1).max(253).default('username').describe("Key of the administrator's name."),
      passwordKey: z.string().min(1).max(253).default('password').describe("Key of the administrator's password."),
    })
    .optional()
    .describe(
      `A Secret with the name and the password of a user who may ${may}. With it, the operator makes what the services need. Without it, the operator says in the condition \`Ready\` what is to be made, and goes on once it is there.`,
    )

const external = <T extends z.ZodRawShape>(usualPort: number, what: string, more: T) =>
  z
    .object({
      host: hostName().describe('Its name or IPv4 address, as pods and the operator reach it. Example: `db.example.com`.'),
      port: port(usualPort),
      ...more,
    })
    .optional()
    .describe(`${what} that somebody else runs. With it, the operator runs none, and \`storage\` and \`resources\` mean nothing.`)

export const backing = z.object({
  database: z
    .object({
      storage: storage('5Gi'),
      resources: resources(),
      external: external(3306, 'A MariaDB', { tls: tls('the database'), adminSecret: adminSecret('make databases and users, and grant') }),
    })
    .meta(
      rules({
        rule: 'has(self.external) == has(oldSelf.external)',
        message:
          'backing.database.external: cannot be set or taken away after the cluster was made, since the other database would be an empty one; to move a cloud, see docs/operations.md, "Backing services of your own"',
        fieldPath: '.external',
        reason: 'FieldValueForbidden',
      }),
    )
    .prefault({})
    .describe('MariaDB, one pod: the databases of all services.'),
  messaging: z
    .object({
      storage: storage('1Gi'),
      resources: resources(),
      external: external(5672, 'A RabbitMQ', {
        tls: tls('the broker'),
        adminSecret: adminSecret('make users and virtual hosts (tag `administrator`)'),
        managementPort: z
          .int()
          .min(1)
          .max(65535)
          .optional()
          .describe('Port of its management API, for `adminSecret`; it speaks TLS where the broker does. Without it: 15672, and 15671 with TLS.'),
      }),
    })
    .meta(
      rules({
        rule: 'has(self.external) == has(oldSelf.external)',
        message:
          'backing.messaging.external: cannot be set or taken away after the cluster was made, since the broker that runs would be gone before the services know the other one; to move a cloud, see docs/operations.md, "Backing services of your own"',
        fieldPath: '.external',
        reason: 'FieldValueForbidden',
      }),
    )
    .prefault({})
    .describe('RabbitMQ, one pod: the RPC of Nova, Neutron and Cinder.'),
  cache: z
    .object({
      enabled: enabled('a Memcached; without it each API asks Keystone about each token'),
      memoryMiB: z.int().min(16).max(65536).default(64).describe('Memory for cached items, in MiB.'),
      resources: resources(),
      external: external(11211, 'A Memcached', {}),
    })
    .meta(
      rules({
        rule: 'self.enabled || !has(self.external)',
        message: 'backing.cache.external: leave it out, or set backing.cache.enabled to true',
        fieldPath: '.external',
      }),
    )
    .prefault({})
    .describe("Memcached, one pod: validated tokens and the dashboard's sessions. Holds no data that could be lost."),
  coordination: z
    .object({
      enabled: enabled('an etcd; its volume stays when it is switched off'),
      storage: storage('1Gi'),
      resources: resources(),
      external: external(2379, 'An etcd', {
        tls: z
          .object({
            caSecret: authority('etcd'),
            clientSecret: z
              .object({ name: objectName().describe("Name of a Secret of type `kubernetes.io/tls` in the cluster's namespace.") })
              .optional()
              .describe('A Secret with the certificate and the key that clients show, where etcd asks for one.'),
          })
          .optional()
          .describe('Speak TLS with etcd. Without it, nothing is encrypted.'),
      }),
    })
    .meta(
      rules(
        {
          rule: 'self.enabled || !has(self.external)',
          message: 'backing.coordination.external: leave it out, or set backing.coordination.enabled to true',
          fieldPath: '.external',
        },
        {
          rule: '!self.enabled || !oldSelf.enabled || has(self.external) == has(oldSelf.external)',
          message:
            'backing.coordination.external: cannot be set or taken away while there is an etcd, since locks would be in two of them: set services.cinder.enabled and backing.coordination.enabled to false first',
          fieldPath: '.external',
          reason: 'FieldValueForbidden',
        },
      ),
    )
    .prefault({})
    .describe('etcd, one pod: locks between the processes of a service.'),
})
