import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'base',
  packages: ['chrony'],
  // iproute2 is for the DHCP hooks, tzdata for leap seconds by their file, ucf and adduser for the installation on a host.
  without: ['iproute2', 'lsb-base', 'tzdata'],
  script: 'rm -rf /etc/chrony /var/lib/chrony /var/log/chrony',
})
