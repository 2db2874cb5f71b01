import { defineImage } from '../definition.ts'

/** MariaDB 10.11: the server and the command-line client, without the packages that manage a machine's database. */
export default defineImage({
  parent: 'base',
  packages: ['mariadb-server-core', 'mariadb-client-core'],
  script: `
rm -rf /etc/mysql /usr/share/mysql/mysql-test /usr/bin/mariadb-check /usr/bin/innochecksum
install -d -o teruwa -g teruwa /var/lib/mysql /run/mysqld /etc/teruwa
`,
})
