import type { ServiceApi } from '../../api/v1alpha1/service.ts'

export const api = {
  name: 'glance',
  title: 'Glance',
  purpose: 'images, kept as files on a volume, or in Ceph.',
  replicas: "Glance's API",
  fields: ({ cephPool, sharedStorage, z }) => ({
    storage: sharedStorage('10Gi'),
    rbd: z
      .object({ ...cephPool('images') })
      .optional()
      .describe(
        'A pool of Ceph that new images go to, instead of the volume; those that are there stay where they are. Volumes that are made from such an image in the same Ceph are copy-on-write clones. Cannot be taken away later.',
      ),
  }),
  rules: [
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
  ],
  files: ['glance-api.conf'],
  policyExample: '{publicize_image: "role:publisher"}',
  endpoints: { api: 9292 },
} as const satisfies ServiceApi
