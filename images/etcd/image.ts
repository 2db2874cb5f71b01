import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'base',
  packages: ['etcd-server'],
  script: 'rm -rf /etc/default/etcd /var/lib/etcd && install -d -m 700 -o teruwa -g teruwa /var/lib/etcd',
})
