import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limitsOf } from '../../local/verify/identity-checks.ts'
import { CLOUD } from './environment.ts'
import type { Environment } from './environment.ts'

const REQUEST = 'openstack.teruwa.io/reconcile-requested-at'
/** A look at all of the outside takes a few seconds; nobody waits for the five minutes after which it is looked at anyway. */
const PATIENCE = 60

/** What the resource declares is put right when somebody has changed it, at once where that is asked for. */
export function driftTests(env: () => Environment): void {
  /** Asks for a look at the outside, and waits until it is done. */
  const look = async (wish: string) => {
    await env().in('annotate', 'openstackcluster', CLOUD, `${REQUEST}=${wish}`, '--overwrite')
    const { status } = await env().until(`the look ${wish} to be done`, PATIENCE, (cluster) => cluster.status?.lastHandledReconcileAt === wish)
    assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True', 'what is looked at again is still believed')
  }

  test('a membership, a quota and a whole group that somebody took away: put right at once where a look is asked for', async () => {
    const [admin, reader] = [await env().client('admin'), await env().client('myreader')]
    const instances = async () => limitsOf(await admin.json('quota', 'show', 'myproject'))['instances']
    const isMember = async () => (await admin.json<{ Name: string }[]>('user', 'list', '--group', 'auditors')).some(({ Name }) => Name === 'myreader')
    const mayLookIn = () =>
      reader.text('token', 'issue').then(
        () => true,
        () => false,
      )
    await admin.text('group', 'remove', 'user', 'auditors', 'myreader')
    await admin.text('quota', 'set', '--instances', '3', 'myproject')
    assert.deepEqual([await isMember(), await instances(), await mayLookIn()], [false, 3, false])
    await look('first')
    assert.deepEqual([await isMember(), await instances(), await mayLookIn()], [true, 20, true])

    await admin.text('group', 'delete', 'auditors')
    assert.equal(await mayLookIn(), false)
    await look('second')
    assert.deepEqual([await isMember(), await mayLookIn()], [true, true], 'the group is back, with its member and its role')

    const events = await env().list<{ message?: string }>('events', '--field-selector=reason=Changed,involvedObject.kind=OpenStackCluster')
    assert.ok(
      events.some(({ message = '' }) => /^identity\/declared: .*membership myreader in auditors/.test(message)),
      'an event says what was put right',
    )
    await env().in('annotate', 'openstackcluster', CLOUD, `${REQUEST}-`)
    await env().ready(60)
  })

  test('a database grant, a permission of the broker and endpoints that somebody took away or changed are put right, and what is not ours stays', async () => {
    const admin = await env().client('admin')
    const password = (await env().secret(`${CLOUD}-credentials`))['mariadb.root'] ?? ''
    const sql = (statement: string) =>
      env().in('exec', 'mariadb-0', '--', 'mariadb', '--user=root', `--password=${password}`, '--host=127.0.0.1', '-Ne', statement)
    const broker = (...args: readonly string[]) => env().in('exec', 'rabbitmq-0', '--', 'env', 'HOME=/var/lib/rabbitmq', 'rabbitmqctl', '--quiet', ...args)
    const endpoints = async (service: string) =>
      (await admin.json<{ ID: string; Interface: string; URL: string }[]>('endpoint', 'list', '--service', service)).toSorted((a, b) =>
        a.Interface < b.Interface ? -1 : 1,
      )
    const urls = async () => [...(await endpoints('compute')), ...(await endpoints('image'))].map(({ Interface, URL }) => `${Interface} ${URL}`)
    const mayWrite = async () => (await sql("SHOW GRANTS FOR 'glance'@'%'")).includes('GRANT ALL PRIVILEGES ON `glance`.*')
    const mayTalk = async () => (await broker('list_permissions', '-p', 'nova')).includes('nova')

    const before = await urls()
    const [compute, image] = [await endpoints('compute'), await endpoints('image')]
    await sql("REVOKE ALL PRIVILEGES ON `glance`.* FROM 'glance'@'%'; CREATE DATABASE somebodys")
    await broker('clear_permissions', '-p', 'nova', 'nova')
    await admin.text('endpoint', 'set', '--url', 'http://192.0.2.1/v2.1', compute.find(({ Interface }) => Interface === 'public')?.ID ?? '')
    await admin.text('endpoint', 'delete', image.find(({ Interface }) => Interface === 'internal')?.ID ?? '')
    await admin.text('user', 'create', 'somebody')
    assert.deepEqual([await mayWrite(), await mayTalk()], [false, false])
    assert.notDeepEqual(await urls(), before)

    await look('third')
    assert.deepEqual([await mayWrite(), await mayTalk()], [true, true])
    assert.deepEqual(await urls(), before)
    assert.match(await sql("SHOW DATABASES LIKE 'somebodys'"), /somebodys/)
    assert.equal((await admin.json<{ name: string }>('user', 'show', 'somebody')).name, 'somebody')
    await sql('DROP DATABASE somebodys')
    await admin.text('user', 'delete', 'somebody')
    await env().in('annotate', 'openstackcluster', CLOUD, `${REQUEST}-`)
    await env().ready(60)
  })
}
