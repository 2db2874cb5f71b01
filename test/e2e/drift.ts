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
  test('a membership, a quota and a whole group that somebody took away: put right at once where a look is asked for', async () => {
    const [admin, reader] = [await env().client('admin'), await env().client('myreader')]
    const instances = async () => limitsOf(await admin.json('quota', 'show', 'myproject'))['instances']
    const isMember = async () => (await admin.json<{ Name: string }[]>('user', 'list', '--group', 'auditors')).some(({ Name }) => Name === 'myreader')
    const mayLookIn = () =>
      reader.text('token', 'issue').then(
        () => true,
        () => false,
      )
    const look = async (wish: string) => {
      await env().in('annotate', 'openstackcluster', CLOUD, `${REQUEST}=${wish}`, '--overwrite')
      const { status } = await env().until(`the look ${wish} to be done`, PATIENCE, (cluster) => cluster.status?.lastHandledReconcileAt === wish)
      assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.status, 'True', 'what is looked at again is still believed')
    }
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
}
