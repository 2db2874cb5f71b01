import { defineImage } from '../definition.ts'

/** nova-compute with the libvirt driver. The hypervisor itself is the image libvirt. */
export default defineImage({
  build: 'early',
  parent: 'openstack',
  release: 'zed',
  packages: [
    'nova-compute',
    'python3-libvirt',
    'qemu-utils',
    'genisoimage',
    'openssh-client',
    'libvirt-clients',
    'nfs-common',
    'open-iscsi',
    // os-brick wants it where the kernel shows no DMI, before it attaches any volume.
    'dmidecode',
    'patch',
  ],
  // File injection and UEFI guests would need these.
  without: [
    'nova-compute-hypervisor',
    'ovmf',
    'parted',
    'kpartx',
    'vlan',
    'curl',
    'gawk',
    'fdisk',
    'cgroup-tools',
    'dosfstools',
    'ebtables',
    'conntrack',
    'bridge-utils',
    // The console proxy's, and a type checker that Debian's package depends on by mistake.
    'python3-websockify',
    'python3-mypy',
  ],
  // As in the image libvirt.
  env: { TINI_SUBREAPER: '1' },
  script: `
# Every hypervisor would be the same initiator; the node's own name is mounted over it.
rm -f /etc/iscsi/initiatorname.iscsi
for change in /usr/share/teruwa/*.patch; do patch --quiet --fuzz=0 --strip=1 --directory=/ < "$change"; done
dpkg --purge patch
rm -rf /etc/nova/nova.conf /etc/nova/logging.conf /var/lib/nova
chown -R root:root /etc/nova
chmod -R u=rwX,go=rX /etc/nova
install -d -o teruwa -g teruwa /var/lib/nova
`,
})
