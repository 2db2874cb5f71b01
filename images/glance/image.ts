import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['glance-api', 'qemu-utils'],
  script: `
rm -rf /etc/glance/*.conf /etc/glance/glance-api-uwsgi.ini /var/lib/glance /usr/share/glance-common/*.conf
chown -R root:root /etc/glance
chmod -R u=rwX,go=rX /etc/glance
install -d -o teruwa -g teruwa /var/lib/glance
`,
})
