import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { apiVersion, kind } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { readManifest } from '../../local/up/manifest.ts'

import { ensureOpenStackClient, OpenStackClient } from '../../local/verify/client.ts'
import { CLOUD } from './environment.ts'
import type { Environment } from './environment.ts'
import { selfSigned } from './tls-proxy.ts'

const SERVERS = 'servers'
const SECOND = 'second'
const HOSTS = { mariadb: `mariadb.${SERVERS}.svc`, rabbitmq: `rabbitmq.${SERVERS}.svc` }

/** A cloud without nodes: what runs guests and agents is told apart by this label, and no node has it. */
const nodeSelector = { 'openstack.teruwa.io/cloud': SECOND }
const spec = {
  backing: {
    database: { external: { host: HOSTS.mariadb, tls: { caSecret: { name: 'authority' } }, adminSecret: { name: 'database-administrator' } } },
    messaging: { external: { host: HOSTS.rabbitmq, port: 5671, tls: { caSecret: { name: 'authority' } } } },
    coordination: { enabled: false },
  },
  services: { horizon: { enabled: false }, nova: { metadata: { enabled: false } } },
  hypervisors: { nodeSelector },
  networkNodes: { nodeSelector },
}

/** Without nodes these cannot be ready. */
const NEED_NODES = /^(compute\/|neutron\/(network-agents|agents)$|bootstrap\/(networks|servers)$)/

const stepOf = ({ status }: OpenStackCluster, id: string) => status?.steps?.find((step) => step.id === id)
const secret = (namespace: string, name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  stringData,
})

/** A second cloud in another namespace, on a database and a broker that the operator did not make. */
export function externalTests(env: () => Environment): void {
  test('a second cloud stands on a MariaDB and a RabbitMQ of somebody else, by TLS; what is missing is said, and the first cloud does not notice', async (context) => {
    const { kubectl, folder } = env()
    const inside = (namespace: string, ...args: readonly string[]) => kubectl.run(['--namespace', namespace, ...args])
    const until = async (what: string, seconds: number, wanted: (cluster: OpenStackCluster) => boolean): Promise<OpenStackCluster> => {
      let last: OpenStackCluster | undefined
      const seen = (object: unknown) => wanted((last = object as OpenStackCluster))
      try {
        await kubectl.watchObject([`openstackclusters.openstack.teruwa.io`, SECOND, '--namespace', SECOND], seen, AbortSignal.timeout(seconds * 1000))
      } catch (error) {
        throw new Error(`expected ${what} within ${seconds} s; the second cloud is ${JSON.stringify(last?.status?.steps, null, 1)}`, { cause: error })
      }
      assert.ok(last)
      return last
    }
    const podsOfFirst = async () =>
      (await env().list<{ metadata: { name: string; uid: string; deletionTimestamp?: string } }>('pods', '-l', `app.kubernetes.io/part-of=${CLOUD}`))
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => `${metadata.name} ${metadata.uid}`)
        .toSorted()
    const before = await podsOfFirst()
    context.after(() => kubectl.run(['delete', 'namespace', SECOND, SERVERS, '--ignore-not-found', '--wait=false']))

    const { cert, key } = await selfSigned(
      folder,
      HOSTS.mariadb,
      Object.values(HOSTS)
        .map((host) => `DNS:${host}`)
        .join(),
    )
    const password = randomBytes(16).toString('hex')
    // A statement a line: of a second one on a line MariaDB takes no notice.
    const administrator = `CREATE USER 'dba'@'%' IDENTIFIED BY '${password}';\nGRANT ALL PRIVILEGES ON *.* TO 'dba'@'%' WITH GRANT OPTION;\n`
    const servers = await readManifest(join(import.meta.dirname, '../external/servers.yaml'))
    await kubectl.apply([SERVERS, SECOND].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })))
    await kubectl.apply([
      secret(SERVERS, 'tls', { 'tls.crt': cert, 'tls.key': key }),
      secret(SERVERS, 'mariadb', { 'init.sql': administrator }),
      ...servers.map((object) => env().withImages(object)),
      secret(SECOND, 'authority', { 'ca.crt': cert }),
      { apiVersion, kind, metadata: { name: SECOND, namespace: SECOND }, spec },
    ])

    const without = await until('a Secret to be missed', 120, (cluster) => stepOf(cluster, 'mariadb')?.state === 'Failed')
    assert.match(
      stepOf(without, 'mariadb')?.message ?? '',
      /^backing\.database\.external\.adminSecret: there is no Secret database-administrator with the key username/,
    )
    await kubectl.apply([secret(SECOND, 'database-administrator', { username: 'dba', password })])

    // Nobody may make users in the broker but a person, who does what the condition says.
    for (const service of ['nova', 'neutron']) {
      const id = `${service}/messaging`
      const seen = await until(`the commands for ${service}`, 180, (cluster) => /rabbitmqctl add_user/.test(stepOf(cluster, id)?.message ?? ''))
      const commands = (stepOf(seen, id)?.message ?? '').split(/: |; /).filter((each) => each.startsWith('rabbitmqctl '))
      assert.equal(commands.length, 3)
      const text = await inside(SECOND, 'get', 'secret', `${SECOND}-credentials`, '-o', `jsonpath={.data.${service}\\.messaging}`)
      const secretText = Buffer.from(text, 'base64').toString()
      const script = commands.map((each) => each.replace(/ \(.*\)$/, '').replace('PASSWORD', secretText)).join(' && ')
      await inside(SERVERS, 'exec', 'deployment/rabbitmq', '--', 'sh', '-ec', `export HOME=/var/lib/rabbitmq; ${script}`)
    }

    const ready = await until('everything but nodes to be ready', 420, ({ status }) => {
      const steps = status?.steps ?? []
      return steps.some(({ id }) => id === 'nova/conductor') && steps.every(({ id, state }) => NEED_NODES.test(id) || state === 'Ready')
    })
    assert.match(stepOf(ready, 'compute/libvirt')?.message ?? '', /^no node runs guests: kubectl label node NODE openstack\.teruwa\.io\/cloud=second$/)
    const apps = await inside(SECOND, 'get', 'statefulsets,services', '-o', 'name')
    assert.doesNotMatch(apps, /mariadb|rabbitmq|etcd/, 'none of ours stands beside them')

    const cloudsFile = join(folder, 'second-clouds.yaml')
    const clouds = await inside(SECOND, 'get', 'secret', `${SECOND}-admin`, '-o', 'jsonpath={.data.clouds\\.yaml}')
    await writeFile(cloudsFile, Buffer.from(clouds, 'base64').toString(), { mode: 0o600 })
    const admin = new OpenStackClient({ program: await ensureOpenStackClient(), cloudsFile, cloud: SECOND })
    const services = await admin.json<{ Binary: string; State: string }[]>('compute', 'service', 'list')
    assert.deepEqual(
      services.map(({ Binary, State }) => `${Binary} ${State}`).toSorted(),
      ['nova-conductor up', 'nova-scheduler up'],
      'they report themselves through the broker and the database',
    )
    assert.deepEqual(await admin.json<unknown[]>('image', 'list'), [])
    assert.deepEqual(await admin.json<unknown[]>('network', 'list'), [], 'the networks of the first cloud are not of this one')

    await inside(SECOND, 'delete', 'openstackcluster', SECOND, '--timeout=60s')
    const databases = await inside(
      ...([
        SERVERS,
        'exec',
        'deployment/mariadb',
        '--',
        'mariadb',
        '--socket=/tmp/mysqld.sock',
        '--user=dba',
        `--password=${password}`,
        '-Ne',
        'show databases',
      ] as const),
    )
    assert.match(databases, /^keystone$/m, 'what is not ours is not removed')
    await kubectl.run(['delete', 'namespace', SECOND, '--timeout=120s'])
    assert.deepEqual(await podsOfFirst(), before, 'no pod of the first cloud was replaced')
    await env().ready(60)
  })
}
