import { defineImage } from '../definition.ts'

/** A whole small Ceph in one container, for tests and for trying things out: one monitor, one manager, one OSD on a file. No cloud needs it. */
export default defineImage({
  parent: 'base',
  packages: ['ceph-mon', 'ceph-mgr', 'ceph-osd', 'ceph-common', 'ceph-base'],
  // Of the manager only its core runs: no dashboard, no orchestrator.
  without: ['ceph-mgr-modules-core', 'smartmontools', 'nvme-cli', 'python3-pecan', 'sudo', 'parted', 'gdisk', 'cryptsetup-bin', 'lvm2', 'ntp', 'time-daemon'],
  script: `
rm -rf /etc/ceph /var/lib/ceph /var/log/ceph
install -d -o teruwa -g teruwa /etc/ceph /var/lib/ceph
`,
})
