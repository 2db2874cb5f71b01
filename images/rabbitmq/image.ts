import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'base',
  packages: ['rabbitmq-server'],
  without: ['logrotate', 'lsb-base'],
  script: `
rm -rf /var/lib/rabbitmq /etc/rabbitmq /etc/default/rabbitmq-server
install -d -o teruwa -g teruwa /var/lib/rabbitmq /etc/rabbitmq /etc/teruwa
# Debian's wrapper insists on root or the user rabbitmq and becomes the latter; the pod's user is set already.
for tool in /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/*; do
  ln -sf "$tool" "/usr/sbin/$(basename "$tool")"
done
`,
})
