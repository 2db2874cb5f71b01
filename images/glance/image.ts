import { waitForPool } from '../ceph/client.ts'
import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['glance-api', 'qemu-utils', 'python3-rados', 'python3-rbd'],
  // The S3 store, drawings of task flows, volumes over iSCSI, and headers for compilers: nothing that an image on a file system needs.
  without: ['python3-boto3', 'python3-pydot', 'open-iscsi', 'libxml2-dev', 'libxslt1-dev'],
  generate: () => [waitForPool],
  script: `
rm -rf /etc/glance/*.conf /etc/glance/glance-api-uwsgi.ini /var/lib/glance /usr/share/glance-common/*.conf
chown -R root:root /etc/glance
chmod -R u=rwX,go=rX /etc/glance
install -d -o teruwa -g teruwa /var/lib/glance
`,
})
