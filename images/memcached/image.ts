import { defineImage } from '../definition.ts'

export default defineImage({
  parent: 'base',
  packages: ['memcached'],
  without: ['lsb-base'],
  script: 'rm -rf /etc/memcached.conf /usr/share/memcached',
})
