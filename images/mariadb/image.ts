import { defineImage } from '../definition.ts'

/** MariaDB 10.11: the server and the command-line client, without the packages that manage a machine's database. */
export default defineImage({
  parent: 'base',
  packages: ['mariadb-server-core', 'mariadb-client-core'],
  script: `
install -d -o teruwa -g teruwa /var/lib/mysql /run/mysqld /etc/teruwa /usr/share/teruwa
# A new volume starts as a copy of these: no account but root@localhost, and nothing that names the building host.
runuser -u teruwa -- mariadb-install-db --no-defaults --cross-bootstrap --datadir=/usr/share/teruwa/mysql --auth-root-authentication-method=socket \
  --auth-root-socket-user=root --skip-test-db --skip-name-resolve --innodb-log-file-size=4M --innodb-buffer-pool-size=32M
rm -rf /etc/mysql /usr/share/mysql/mysql-test /usr/bin/mariadb-check /usr/bin/innochecksum
`,
})
