import { backingPorts } from '../model/scope.ts'
import { resourcesOf } from '../workloads/pod.ts'
import { secret } from '../workloads/secret.ts'
import { headlessService } from '../workloads/service.ts'
import { statefulSet } from '../workloads/statefulset.ts'
import type { Backing } from './backing.ts'

const ports = [{ name: 'mysql', port: backingPorts.mariadb }]

/** MariaDB: one server with a volume. Databases and users are made by the operator over SQL, so that they need no Job. */
export const mariadb: Backing = {
  name: 'mariadb',
  ports,
  credentials: { 'mariadb.root': 'password' },
  objects: (scope) => {
    const { storage, resources } = scope.spec.backing.database
    const config = { name: 'mariadb-config', files: { 'my.cnf': myCnf, 'init.sql': initSql(scope.credential('mariadb.root')) } }
    return [
      secret(scope, config.name, 'mariadb', config.files),
      headlessService(scope, 'mariadb', 'mariadb', ports),
      statefulSet(
        scope,
        'mariadb',
        'mariadb',
        {
          image: 'mariadb',
          args: ['start-mariadb'],
          files: [
            { config, key: 'my.cnf', path: '/etc/teruwa/my.cnf' },
            { config, key: 'init.sql', path: '/etc/teruwa/init.sql' },
          ],
          directories: [
            { path: '/var/lib/mysql', source: { kind: 'claim', name: 'data', template: true } },
            { path: '/run/mysqld', source: { kind: 'scratch' } },
            { path: '/tmp', source: { kind: 'scratch' } },
          ],
          ports,
          // Connections are answered only once init.sql has run.
          ready: { tcp: backingPorts.mariadb },
          resources: resourcesOf({ requests: { cpu: '50m', memory: '256Mi' } }, resources),
        },
        [{ name: 'data', ...storage }],
      ),
    ]
  },
}

/** One client at a time is rare in OpenStack: every worker keeps a pool, hence the connections; the rest are the defaults that matter on 4 GB. */
const myCnf = `[mariadbd]
datadir = /var/lib/mysql
socket = /run/mysqld/mysqld.sock
pid-file = /run/mysqld/mysqld.pid
tmpdir = /tmp
bind-address = 0.0.0.0
port = ${backingPorts.mariadb}
skip-name-resolve
character-set-server = utf8mb3
collation-server = utf8mb3_general_ci
default-storage-engine = InnoDB
max_connections = 1000
innodb_buffer_pool_size = 128M
innodb_file_per_table = 1
`

/** Runs at every start: root's password is the Secret's, whatever the volume held. The password is hex, so it needs no quoting. */
function initSql(password: string): string {
  return [
    `CREATE USER IF NOT EXISTS 'root'@'%' IDENTIFIED BY '${password}';`,
    `ALTER USER 'root'@'%' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO 'root'@'%' WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    '',
  ].join('\n')
}
