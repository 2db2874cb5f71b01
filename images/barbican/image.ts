import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['barbican-api'],
  script: `
rm -rf /etc/barbican/barbican.conf /etc/barbican/barbican-api-uwsgi.ini /var/lib/barbican
install -m 644 /usr/share/barbican-common/barbican-api-paste.ini /etc/barbican/
chown -R root:root /etc/barbican
chmod -R u=rwX,go=rX /etc/barbican
`,
})
