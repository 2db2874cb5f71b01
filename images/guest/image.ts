import { defineImage } from '../definition.ts'

/**
 * Carries a small guest to boot, as a disk, as a CD, and as a kernel with its ramdisk: Debian's cloud kernel and an initramfs of busybox, 128 MB of
 * memory suffice.
 */
export default defineImage({
  parent: 'base',
  stage: {
    packages: [
      'linux-image-cloud-amd64',
      'busybox-static',
      'cpio',
      'mtools',
      'dosfstools',
      'syslinux',
      'syslinux-common',
      'isolinux',
      'xorriso',
      'qemu-utils',
      'xz-utils',
    ],
    // The kernel's package would make an initramfs of its own, which is not used.
    without: ['initramfs-tools'],
    script: 'sh "$SOURCE/make" "$SOURCE" "$OUT"',
  },
})
