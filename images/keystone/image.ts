import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'openstack',
  release: 'zed',
  packages: ['keystone'],
  script: `
rm -rf /etc/init.d/keystone /etc/rc?.d/*keystone /etc/keystone/keystone.conf /etc/keystone/keystone-uwsgi.ini /etc/keystone/logging.conf /etc/keystone/fernet-keys /etc/keystone/credential-keys /var/lib/keystone/*
chown -R root:root /etc/keystone
chmod -R u=rwX,go=rX /etc/keystone
`,
})
