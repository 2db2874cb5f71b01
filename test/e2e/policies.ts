import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { offeredActions } from '../../local/browser/actions.ts'
import { withBrowser } from '../../local/browser/chromium.ts'
import { Dashboard } from '../../local/browser/dashboard.ts'
import { eventually } from '../../local/verify/guest.ts'
import { CLOUD, conditionOf } from './environment.ts'
import type { Environment } from './environment.ts'

const CREATE = 'os_compute_api:servers:create'
const LOCK = 'os_compute_api:os-lock-server:lock'

/** Policies of the CR: mistakes are named and touch nothing, and what is right holds in the API. */
export function policyTests(env: () => Environment): void {
  test('a policy with an unknown role, then with an unknown name: conditions name them, and Nova goes on as it was', async () => {
    const revision = () => env().in('get', 'deployment', 'nova-api', '-o', 'jsonpath={.metadata.generation}')
    const before = await revision()
    await env().change({ policies: { nova: { [CREATE]: 'role:visitor' } } })
    const seen = await env().until('RoleNotFound', 90, (cluster) => conditionOf(cluster, 'Degraded')?.reason === 'RoleNotFound')
    const step = seen.status?.steps?.find(({ id }) => id === 'nova/policies')
    assert.match(step?.message ?? '', /policies\.nova\[os_compute_api:servers:create\].*visitor/)
    assert.equal(seen.status?.steps?.find(({ id }) => id === 'nova/api')?.state, 'Ready', 'the rest goes on')
    await env().change({ policies: { nova: { [CREATE]: null, 'os_compute_api:servers:creat': 'role:member' } } })
    await env().until('JobFailed', 90, (cluster) => {
      const degraded = conditionOf(cluster, 'Degraded')
      return degraded?.reason === 'JobFailed' && /spec\.policies\.nova: .*servers:creat; correct it or take it out/.test(degraded.message)
    })
    assert.equal(await revision(), before, 'nova-api was not touched')
    const user = await env().client('myuser')
    assert.equal((await user.json<{ status: string }>('server', 'show', 'vm0')).status, 'ACTIVE')
    await env().change({ policies: null })
    await env().ready(90)
  })

  test('policies hold in the API and in the dashboard, which offers less to a member and more to a reader, and their end ends it', async () => {
    const user = await env().client('myuser')
    const create = () =>
      user.boot('vm-policy', '--flavor', 'm1.tiny', '--image', 'teruwa-guest', '--network', 'selfservice').then(
        () => 'created',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
    /** Whether the list of instances offers to launch one, and to lock one, to a user. */
    const offered = async (newPage: () => Promise<Page>, name: string) => {
      const { status } = await env().ready(60)
      const dashboard = new Dashboard(await newPage(), status?.endpoints?.find(({ service }) => service === 'horizon')?.public ?? '')
      const { username = '', password = '' } = await env().secret(`${CLOUD}-user-${name}`)
      await dashboard.logIn({ username, password, domain: 'Default' })
      const actions = await offeredActions(dashboard, 'project/instances/')
      return { launch: actions.includes('Launch Instance'), lock: actions.includes('Lock Instance') }
    }
    const offers = () => withBrowser(async (newPage) => ({ member: await offered(newPage, 'myuser'), reader: await offered(newPage, 'myreader') }))
    const before = { member: { launch: true, lock: true }, reader: { launch: false, lock: false } }
    assert.deepEqual(await offers(), before)
    const policies = { nova: { [CREATE]: 'role:operator', [LOCK]: 'role:reader and project_id:%(project_id)s' } }
    await env().change({ identity: { roles: [{ name: 'myrole' }, { name: 'operator' }] }, policies })
    await env().ready(180)
    assert.match(await create(), /403|Policy doesn't allow/)
    assert.deepEqual(await offers(), { member: { launch: false, lock: true }, reader: { launch: false, lock: true } })
    await env().change({ identity: { roles: [{ name: 'myrole' }] }, policies: null })
    await env().ready(180)
    assert.equal(await create(), 'created')
    assert.deepEqual(await offers(), before)
    await user.text('server', 'delete', '--wait', 'vm-policy')
    await eventually('vm-policy to be gone', 60, async () => (await user.json<{ Name: string }[]>('server', 'list')).every(({ Name }) => Name !== 'vm-policy'))
  })
}
