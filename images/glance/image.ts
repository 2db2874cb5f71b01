import { waitForPool } from '../ceph/client.ts'
import { signatures } from '../../operator/openstack/image-format.ts'
import { defineImage } from '../definition.ts'

const list = JSON.stringify(signatures)

/** Glance, which also refuses files of another format than the declared one. */
export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['glance-api', 'qemu-utils', 'python3-rados', 'python3-rbd', 'patch'],
  // The S3 store, drawings of task flows, volumes over iSCSI, and headers for compilers: nothing that an image on a file system or in Ceph needs.
  without: ['python3-boto3', 'python3-pydot', 'open-iscsi', 'libxml2-dev', 'libxslt1-dev'],
  generate: () => [waitForPool, { path: '/usr/lib/python3/dist-packages/teruwa_glance/signatures.json', from: { content: list }, identity: list }],
  script: `
patch --quiet --fuzz=0 --strip=1 --directory=/ < /usr/share/teruwa/refuse-other-formats.patch
dpkg --purge patch
rm -rf /etc/glance/*.conf /etc/glance/glance-api-uwsgi.ini /var/lib/glance /usr/share/glance-common/*.conf
chown -R root:root /etc/glance
chmod -R u=rwX,go=rX /etc/glance
install -d -o teruwa -g teruwa /var/lib/glance
`,
})
