import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'base',
  packages: ['rabbitmq-server'],
  without: ['logrotate', 'lsb-base'],
  script: `
rm -rf /var/lib/rabbitmq /etc/rabbitmq /etc/default/rabbitmq-server
install -d -o teruwa -g teruwa /var/lib/rabbitmq /etc/rabbitmq /etc/teruwa
# The broker reads the schemas and modules of all plugins at each start, whether they are enabled or not: a third of its processor time.
cd /usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins
for plugin in rabbitmq_* eetcd-* gun-* jose-*; do
  case $plugin in
    rabbitmq_management-* | rabbitmq_management_agent-* | rabbitmq_prelaunch-* | rabbitmq_prometheus-* | rabbitmq_web_dispatch-*) ;;
    *) rm -r "$plugin" ;;
  esac
done
# Debian's wrapper insists on root or the user rabbitmq and becomes the latter; the pod's user is set already.
for tool in /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/*; do
  ln -sf "$tool" "/usr/sbin/$(basename "$tool")"
done
`,
})
