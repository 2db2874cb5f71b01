import { defineImage } from '../definition.ts'

/** Carries the disk of a small guest to boot; see README.md of this folder. */
export default defineImage({
  parent: 'base',
  stage: {
    packages: ['linux-image-cloud-amd64', 'busybox-static', 'cpio', 'mtools', 'dosfstools', 'syslinux', 'syslinux-common', 'qemu-utils', 'xz-utils'],
    script: 'true',
  },
})
