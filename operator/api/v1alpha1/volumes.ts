// spec.services.cinder, and pools of Ceph, which Glance may have, too.

import { z } from 'zod'
import { atomicList, mapList, nodeSelector, replicas, resources, rules, secretKey } from './fields.ts'

/** A pool of a Ceph that somebody else runs, and the user to reach it with. */
const cephPool = (pool: string) => ({
  monitors: atomicList(
    z
      .string()
      .min(1)
      .max(253)
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?$/),
    16,
  )
    .min(1)
    .describe(
      "Ceph's monitors: names or IPv4 addresses that pods and hypervisors reach, with a port where it is another than Ceph's own. Example: `[10.0.0.11]`.",
    ),
  user: z
    .string()
    .min(1)
    .max(64)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)
    .default('cinder')
    .describe('User of Ceph, without `client.`.'),
  keyringSecret: secretKey('keyring').describe("The user's keyring, as `ceph auth get` writes it, or the key alone."),
  pool: cephPoolName().default(pool).describe('Pool. It must be there already.'),
})

const cephPoolName = () =>
  z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/)

const rbd = z.object({
  ...cephPool('volumes'),
  backupPool: cephPoolName()
    .optional()
    .describe(
      'Pool that backups of volumes go to. Without it there is no backup service. One backend may have it: backups of all backends go there. Example: `backups`.',
    ),
})

const nfs = z.object({
  shares: atomicList(
    z
      .string()
      .min(3)
      .max(512)
      .regex(/^[A-Za-z0-9.-]+:\/[^\s]*$/),
    16,
  )
    .min(1)
    .describe('Exported directories. Example: `["nas.example.com:/volumes"]`.'),
  mountOptions: z
    .string()
    .max(255)
    .regex(/^[^\s]*$/)
    .default('')
    .describe('Options of `mount -o`. Example: `vers=4.2`.'),
})

const lvm = z.object({
  volumeGroup: z
    .string()
    .min(1)
    .max(127)
    .regex(/^[A-Za-z0-9+_.][A-Za-z0-9+_.-]*$/)
    .default('cinder-volumes')
    .describe('Volume group. It must be there already, on each of the nodes.'),
  nodeSelector: nodeSelector('openstack.teruwa.io/volume'),
})

const backend = z
  .object({
    name: z
      .string()
      .min(1)
      .max(32)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
      .describe('Name of the backend and of its volume type: lower-case letters, digits and hyphens. Example: `ceph`.'),
    rbd: rbd.optional().describe('A pool of Ceph. Hypervisors reach it by librbd.'),
    nfs: nfs.optional().describe('Files on NFS shares.'),
    lvm: lvm.optional().describe('A volume group on labelled nodes, offered over iSCSI.'),
  })
  .meta(
    rules(
      {
        rule: '(has(self.rbd) ? 1 : 0) + (has(self.nfs) ? 1 : 0) + (has(self.lvm) ? 1 : 0) == 1',
        message: 'services.cinder.backends[]: exactly one of rbd, nfs and lvm must be set',
      },
      {
        rule: '!has(oldSelf.rbd) || has(self.rbd) && self.rbd.pool == oldSelf.rbd.pool',
        message: 'services.cinder.backends[].rbd: the pool of a backend cannot be changed, since its volumes are there: declare another backend',
        reason: 'FieldValueForbidden',
      },
      {
        rule: '!has(oldSelf.nfs) || has(self.nfs)',
        message: 'services.cinder.backends[].nfs: what a backend is cannot be changed, since its volumes are there: declare another backend',
        reason: 'FieldValueForbidden',
      },
      {
        rule: '!has(oldSelf.lvm) || has(self.lvm) && self.lvm.volumeGroup == oldSelf.lvm.volumeGroup',
        message: 'services.cinder.backends[].lvm: the volume group of a backend cannot be changed, since its volumes are there: declare another backend',
        reason: 'FieldValueForbidden',
      },
    ),
  )

export const cinder = z
  .object({
    enabled: z
      .boolean()
      .default(false)
      .describe(
        'Whether there are volumes. Can be changed at any time; no other service restarts. Off keeps the database, so that on again finds every volume, unless `deletionPolicy` is `Delete`. What is in the backends always stays.',
      ),
    replicas: replicas("each of Cinder's API and scheduler"),
    backends: mapList(backend, 8, 'name')
      .default([])
      .meta(
        rules({
          rule: 'self.filter(b, has(b.rbd) && has(b.rbd.backupPool)).size() <= 1',
          message: 'services.cinder.backends: one backend at most may have rbd.backupPool, since there is one backup service',
        }),
      )
      .describe('Where volumes are. Each is a volume type of its name; the first is the one that volumes get when no other is asked for.'),
    resources: resources(),
  })
  .meta(
    rules({
      rule: '!self.enabled || size(self.backends) > 0',
      message: 'services.cinder.backends: volumes need a place: declare a backend, or set services.cinder.enabled to false',
      fieldPath: '.backends',
    }),
  )
  .prefault({})
  .describe('Cinder: volumes.')

/** A pool for Glance. */
export const glanceRbd = z
  .object({ ...cephPool('images') })
  .optional()
  .describe(
    'A pool of Ceph that new images go to, instead of the volume; those that are there stay where they are. Volumes that are made from such an image in the same Ceph are copy-on-write clones. Cannot be taken away later.',
  )
