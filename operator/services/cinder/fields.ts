import type { Fields } from '../../api/v1alpha1/service.ts'

/** spec.services.cinder: where volumes are. */
export function fields({ atomicList, cephPool, cephPoolName, mapList, nodeSelector, rules, z }: Fields) {
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

  return {
    backends: mapList(backend, 8, 'name')
      .default([])
      .meta(
        rules({
          rule: 'self.filter(b, has(b.rbd) && has(b.rbd.backupPool)).size() <= 1',
          message: 'services.cinder.backends: one backend at most may have rbd.backupPool, since there is one backup service',
        }),
      )
      .describe('Where volumes are. Each is a volume type of its name; the first is the one that volumes get when no other is asked for.'),
  }
}
