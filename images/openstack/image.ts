import { defineImage } from '../definition.ts'

/** What every OpenStack service shares, as one layer. */
export default defineImage({
  parent: 'base',
  release: 'zed',
  packages: [
    'python3',
    'uwsgi-core',
    'uwsgi-plugin-python3',
    'python3-pymysql',
    'python3-pymemcache',
    'python3-memcache',
    'python3-sqlalchemy',
    'python3-alembic',
    'python3-migrate',
    'python3-oslo.cache',
    'python3-oslo.concurrency',
    'python3-oslo.config',
    'python3-oslo.context',
    'python3-oslo.db',
    'python3-oslo.i18n',
    'python3-oslo.limit',
    'python3-oslo.log',
    'python3-oslo.messaging',
    'python3-oslo.middleware',
    'python3-oslo.policy',
    'python3-oslo.privsep',
    'python3-oslo.reports',
    'python3-oslo.rootwrap',
    'python3-oslo.serialization',
    'python3-oslo.service',
    'python3-oslo.upgradecheck',
    'python3-oslo.utils',
    'python3-oslo.versionedobjects',
    'python3-osprofiler',
    'python3-keystoneauth1',
    'python3-keystoneclient',
    'python3-keystonemiddleware',
    'python3-paste',
    'python3-pastedeploy',
    'python3-routes',
    'python3-tooz',
    'python3-etcd3gw',
    'python3-requests',
    'python3-neutronclient',
    'python3-glanceclient',
    'python3-cinderclient',
    'python3-openstacksdk',
  ],
  // Debian's packages depend on these for their install-time questions, for people at a prompt, and for init scripts.
  without: ['dpkg-dev', 'lsb-base', 'python3-openstackclient', 'python3-pastescript', 'q-text-as-data', 'sqlite3', 'sudo', 'uwsgi-plugin-apparmor'],
  // oslo.log gives `logging` a lock of eventlet's wherever eventlet is as much as imported. Two threads of an API that want it at the same moment hang for good
  // ("greenlet.error: cannot switch to a different thread"); only programs whose threads are eventlet's need it.
  script: `
ln -sf uwsgi-core /usr/bin/uwsgi
sed -i "/^def _fix_eventlet_logging/,/^def setup/ s/^    if eventlet:$/    if eventlet and eventlet.patcher.is_monkey_patched('thread'):/" /usr/lib/python3/dist-packages/oslo_log/log.py
grep -q "^    if eventlet and eventlet.patcher.is_monkey_patched('thread'):$" /usr/lib/python3/dist-packages/oslo_log/log.py
`,
})
