// spec.bootstrap: what a new cloud holds from the start.

import { z } from 'zod'
import { atomicList, map, mapList, openstackName, rules } from './fields.ts'
import { network, router, securityGroupRule } from './networks.ts'

/** Formats of single parts of a machine image of Amazon's kind: there, Glance wants the container format to be the same word. */
const machineImageFormats = ['aki', 'ari', 'ami']
const celList = (words: readonly string[]) => `[${words.map((word) => `'${word}'`).join(', ')}]`

const imageFields = z.object({
  name: openstackName(255).describe('Name of the image. Example: `teruwa-guest`.'),
  source: z
    .object({
      url: z
        .string()
        .max(2048)
        .regex(/^https?:\/\/[^\s]+$/)
        .optional()
        .describe('Where the file is fetched from. Example: `https://download.cirros-cloud.net/0.6.2/cirros-0.6.2-x86_64-disk.img`.'),
      containerImage: z
        .object({
          image: z
            .string()
            .min(1)
            .max(512)
            .describe(
              "Container image that carries the file. Without a slash it is the name of one of the release's own carrier images, such as `guest`; else a full reference.",
            ),
          path: z
            .string()
            .max(1024)
            .regex(/^\/[^\s]*$/)
            .describe('Absolute path of the file in the container image. Example: `/images/teruwa-guest.qcow2`.'),
        })
        .optional()
        .describe('A file that a container image carries.'),
    })
    .meta(
      rules({
        rule: 'has(self.url) != has(self.containerImage)',
        message: 'source: exactly one of url and containerImage must be set',
      }),
    )
    .describe('Where the file comes from: exactly one of `url` and `containerImage`.'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .max(64)
    .optional()
    .describe('SHA-256 of the file, 64 lower-case hexadecimal digits. Another file is not taken.'),
  diskFormat: z
    .enum(['qcow2', 'raw', 'vmdk', 'vdi', 'vhd', 'vhdx', 'iso', 'aki', 'ari', 'ami'])
    .default('qcow2')
    .describe(
      'Format of the file. `aki` is a kernel, `ari` its ramdisk and `ami` the bare disk that they mount. A file that is of another format is refused as unsafe.',
    ),
  containerFormat: z
    .enum(['bare', 'ovf', 'ova', 'aki', 'ari', 'ami'])
    .optional()
    .describe('Format of what the file is wrapped in. Without it: `bare`, which is nothing; for `aki`, `ari` and `ami` the same word as `diskFormat`.'),
  kernel: openstackName(255)
    .optional()
    .describe('Name of the image whose kernel servers start with, instead of the boot loader on their disk. Only for `raw`, `qcow2` and `ami`.'),
  ramdisk: openstackName(255).optional().describe('Name of the image with the ramdisk of `kernel`.'),
  visibility: z.enum(['public', 'private', 'shared', 'community']).default('public').describe('Who sees the image.'),
  minDiskGiB: z.int().min(0).max(65536).default(0).describe('Smallest disk, in GiB, that a flavor must have.'),
  minRamMiB: z.int().min(0).max(16777216).default(0).describe('Smallest memory, in MiB, that a flavor must have.'),
  properties: map(z.string().max(255), 64).default({}).describe('Properties of the image. Example: `{hw_rng_model: virtio}`.'),
})

const image = imageFields.meta(
  rules(
    {
      rule: `!has(self.containerFormat) || (self.diskFormat in ${celList(machineImageFormats)} ? self.containerFormat == self.diskFormat : !(self.containerFormat in ${celList(machineImageFormats)}))`,
      message: 'containerFormat: must be the same as diskFormat where one of them is aki, ari or ami: leave it out',
      fieldPath: '.containerFormat',
    },
    {
      rule: "!has(self.kernel) || self.diskFormat in ['raw', 'qcow2', 'ami']",
      message: 'kernel: only an image whose diskFormat is raw, qcow2 or ami starts with a kernel of its own: leave it out, or correct diskFormat',
      fieldPath: '.kernel',
    },
    {
      rule: '!has(self.ramdisk) || has(self.kernel)',
      message: 'ramdisk: there is no ramdisk without a kernel: set kernel, or leave ramdisk out',
      fieldPath: '.ramdisk',
    },
  ),
)

const flavor = z.object({
  name: openstackName(255).describe('Name of the flavor. Example: `m1.tiny`.'),
  vcpus: z.int().min(1).max(1024).describe('Virtual CPUs.'),
  ramMiB: z.int().min(1).max(16777216).describe('Memory, in MiB.'),
  diskGiB: z.int().min(0).max(65536).default(0).describe("Root disk, in GiB; 0 is the image's own size."),
  ephemeralGiB: z.int().min(0).max(65536).default(0).describe('A second, empty disk, in GiB.'),
  swapMiB: z.int().min(0).max(16777216).default(0).describe('A swap disk, in MiB.'),
  public: z.boolean().default(true).describe('Whether every project may use it.'),
  extraSpecs: map(z.string().max(255), 64).default({}).describe('Extra specs. Example: `{"hw:cpu_policy": dedicated}`.'),
})

const keyPair = z
  .object({
    name: openstackName(255).describe('Name of the key pair. Example: `mykey`.'),
    user: openstackName().describe('User that it belongs to.'),
    publicKey: z
      .string()
      .min(1)
      .max(16384)
      .optional()
      .describe(
        'Public key in the format of OpenSSH. Without it the operator makes a pair and keeps the private half in the Secret `<cluster>-keypair-<name>`, key `ssh-privatekey`.',
      ),
  })
  .meta(
    rules({
      rule: "has(self.publicKey) || self.name.matches('^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$')",
      message:
        'keyPairs[].name: cannot be a part of the name of a Secret, in which the private key would be kept: use lower-case letters, digits and hyphens, or set publicKey',
      fieldPath: '.name',
    }),
  )

const server = z.object({
  name: openstackName(63).describe('Name of the server. Example: `vm0`.'),
  project: openstackName().describe('Project that it belongs to.'),
  user: openstackName().describe('User that makes it; needs a role in the project.'),
  flavor: openstackName(255).describe('Name of the flavor.'),
  image: openstackName(255).describe('Name of the image.'),
  networks: atomicList(openstackName(255), 8).min(1).describe('Names of the networks that it is attached to, in the order of its interfaces.'),
  keyPair: openstackName(255).optional().describe("Name of a key pair of the user's."),
  securityGroups: atomicList(openstackName(255), 8).default(['default']).describe('Names of its security groups.'),
  floatingNetwork: openstackName(255).optional().describe('Name of an external network: the server gets a floating IP from it.'),
})

export const bootstrap = z.object({
  images: mapList(image, 32, 'name')
    .default([])
    .meta(
      rules(
        {
          rule: "self.all(i, !has(i.kernel) || self.all(k, k.name != i.kernel || k.diskFormat == 'aki'))",
          message: 'bootstrap.images: kernel names an image of this list whose diskFormat is not aki: correct the name or that diskFormat',
        },
        {
          rule: "self.all(i, !has(i.ramdisk) || self.all(k, k.name != i.ramdisk || k.diskFormat == 'ari'))",
          message: 'bootstrap.images: ramdisk names an image of this list whose diskFormat is not ari: correct the name or that diskFormat',
        },
      ),
    )
    .describe('Images in Glance.'),
  flavors: mapList(flavor, 64, 'name').default([]).describe('Flavors in Nova.'),
  networks: mapList(network, 32, 'name').default([]).describe('Networks and their subnets in Neutron.'),
  routers: mapList(router, 32, 'name').default([]).describe('Routers in Neutron.'),
  securityGroupRules: atomicList(securityGroupRule, 128).default([]).describe('Rules of security groups in Neutron, besides those that a new group has.'),
  keyPairs: mapList(keyPair, 64, 'name').default([]).describe('Key pairs in Nova.'),
  servers: mapList(server, 32, 'name').default([]).describe('Servers in Nova. One that was deleted by somebody is made again; one that exists is not changed.'),
})
