import { defineImage } from '../definition.ts'

/** Neutron's server and the linuxbridge, DHCP, L3 and metadata agents, with what the agents run. */
export default defineImage({
  build: 'early',
  parent: 'openstack',
  release: 'zed',
  packages: [
    'neutron-api',
    'neutron-rpc-server',
    'neutron-linuxbridge-agent',
    'neutron-dhcp-agent',
    'neutron-l3-agent',
    'neutron-metadata-agent',
    'conntrack',
    'ipset',
    'iproute2',
    'procps',
    'patch',
  ],
  script: `
for change in /usr/share/teruwa/*.patch; do patch --quiet --fuzz=0 --strip=1 --directory=/ < "$change"; done
dpkg --purge patch
rm -rf /etc/neutron/*.conf.d /etc/neutron/neutron.conf /etc/neutron/*_agent.ini /etc/neutron/neutron-api-uwsgi.ini /etc/neutron/plugins/ml2/*.ini /var/lib/neutron /usr/share/ansible
rm -rf /usr/lib/python3/dist-packages/neutron/tests
chown -R root:root /etc/neutron
chmod -R u=rwX,go=rX /etc/neutron
install -d -o teruwa -g teruwa /var/lib/neutron
`,
})
