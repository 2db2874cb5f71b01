import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['placement-api'],
  script: `
rm -rf /etc/placement/placement.conf /etc/placement/placement-api-uwsgi.ini /var/lib/placement
chown -R root:root /etc/placement
chmod -R u=rwX,go=rX /etc/placement
`,
})
