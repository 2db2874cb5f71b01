import { defineImage } from '../definition.ts'

/** libvirtd, virtlogd and QEMU for x86 only: libvirt probes every emulator that it finds. */
export default defineImage({
  build: 'early',
  parent: 'base',
  packages: ['libvirt-daemon', 'libvirt-daemon-driver-qemu', 'libvirt-clients', 'qemu-system-x86', 'qemu-block-extra', 'qemu-utils', 'iproute2'],
  // With hostPID tini is not process 1, and would leave QEMU's orphans to the node.
  env: { TINI_SUBREAPER: '1' },
  script: `
# libvirt looks up the user that it was built with before it reads which one to use.
useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin libvirt-qemu
rm -rf /var/lib/libvirt /var/cache/libvirt
# Every 32-bit emulator would be one more binary to probe.
rm -f /usr/bin/qemu-system-i386 /usr/bin/qemu-system-x86_64-microvm
mkdir -p /var/lib/libvirt /var/cache/libvirt /var/log/libvirt/qemu /etc/libvirt /etc/pki/CA /etc/pki/libvirt/private
# Where libvirt looks, as a client always, and as a server when it is told of new certificates; start-libvirt puts them there.
ln -s /run/libvirt/certificates/ca-cert.pem /etc/pki/CA/cacert.pem
for side in client server; do
  ln -s "/run/libvirt/certificates/$side-cert.pem" "/etc/pki/libvirt/"$side"cert.pem"
  ln -s "/run/libvirt/certificates/$side-key.pem" "/etc/pki/libvirt/private/"$side"key.pem"
done
`,
})
