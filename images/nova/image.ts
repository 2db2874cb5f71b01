import { defineImage } from '../definition.ts'

/** Nova's control plane: API, metadata, scheduler, conductor and the console proxy with noVNC's page. */
export default defineImage({
  build: 'early',
  parent: 'openstack',
  release: 'zed',
  packages: ['nova-api', 'nova-scheduler', 'nova-conductor', 'nova-consoleproxy', 'novnc'],
  // noVNC's package brings a Node.js for its own launcher; the proxy serves the page by itself. No service here touches the network of its node.
  // python3-mypy is a type checker that Debian's package depends on by mistake.
  without: ['python3-mypy', 'nodejs', 'spice-html5', 'net-tools', 'websockify', 'python3-novnc', 'bridge-utils', 'iptables', 'iproute2'],
  script: `
rm -rf /etc/nova/nova.conf /etc/nova/*-uwsgi.ini /etc/nova/logging.conf /var/lib/nova
chown -R root:root /etc/nova
chmod -R u=rwX,go=rX /etc/nova
install -d -o teruwa -g teruwa /var/lib/nova
`,
})
