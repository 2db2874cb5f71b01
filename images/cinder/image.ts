import { waitForPool } from '../ceph/client.ts'
import { defineImage } from '../definition.ts'

/** Cinder: API, scheduler, volume and backup services, with what the RBD, NFS and LVM drivers run. */
export default defineImage({
  build: 'early',
  parent: 'openstack',
  release: 'zed',
  packages: [
    'cinder-api',
    'cinder-scheduler',
    'cinder-volume',
    'cinder-backup',
    'ceph-common',
    'python3-rados',
    'python3-rbd',
    'qemu-utils',
    'qemu-block-extra',
    'nfs-common',
    'lvm2',
    'tgt',
    'thin-provisioning-tools',
    // os-brick wants it where the kernel shows no DMI, before it attaches any volume.
    'dmidecode',
  ],
  // Stores and drivers that no backend here has, drawings of task flows, and a type checker that Debian's package depends on by mistake.
  without: ['python3-boto3', 'python3-pydot', 'python3-mypy', 'open-iscsi', 'python3-googleapi', 'python3-google-auth', 'libxml2-dev', 'libxslt1-dev'],
  generate: () => [waitForPool],
  script: `
rm -rf /etc/cinder/cinder.conf /etc/cinder/cinder-api-uwsgi.ini /etc/cinder/logging.conf /var/lib/cinder /etc/tgt /etc/ceph/*
chown -R root:root /etc/cinder
chmod -R u=rwX,go=rX /etc/cinder
install -d -o teruwa -g teruwa /var/lib/cinder
# tooz 3.1 hands etcd3gw an api_path, which etcd3gw 2.0 does not take: no service with coordination starts.
sed -i 's/etcd3gw\\.client(host=host/etcd3gw.Etcd3Client(host=host/' /usr/lib/python3/dist-packages/tooz/drivers/etcd3gw.py
grep -q 'etcd3gw.Etcd3Client(' /usr/lib/python3/dist-packages/tooz/drivers/etcd3gw.py
`,
})
