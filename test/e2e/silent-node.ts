import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docker } from '../../local/docker.ts'
import { eventually } from '../../local/verify/guest.ts'
import { conditionOf } from './environment.ts'
import type { Environment } from './environment.ts'

/** A hypervisor dies with its guests. It needs `vm-second` on the second node, and is rid of it at the end. */
export function silentNodeTests(env: () => Environment): void {
  test('a hypervisor that dies is told with its guests, the cloud goes on, and back again it runs them as before', async () => {
    const [first, second] = env().nodes
    const user = await env().client('myuser')
    const admin = await env().client('admin')
    await docker(['stop', '--time', '2', second])
    const shown = () => env().hypervisor(second)
    await eventually('the silent node with its guest', 240, async () => {
      const { state, guests } = (await shown()).status
      return state === 'Silent' && guests !== undefined
    })
    const { since, guests } = (await shown()).status
    assert.ok(Math.abs(Date.parse(since) - Date.now()) < 240_000, since)
    assert.deepEqual(
      guests?.map(({ name, status, hostStatus }) => [name, status, hostStatus]),
      [['vm-second', 'ACTIVE', 'UNKNOWN']],
    )
    const condition = await env().until('a condition that names the guest', 60, (cluster) => /vm-second/.test(conditionOf(cluster, 'Ready')?.message ?? ''))
    const ready = conditionOf(condition, 'Ready')
    assert.equal(ready?.reason, 'NodeSilent')
    assert.match(ready.message, new RegExp(`hypervisor ${second} is silent since \\S+, and nobody knows how its guests are: vm-second \\(ACTIVE before\\); `))
    assert.deepEqual(
      condition.status?.steps?.filter(({ state }) => state !== 'Ready').map(({ id }) => id),
      ['compute/nodes'],
      'nothing else waits for it',
    )
    // Who owns the guest may know that nobody knows.
    const { host_status: hostStatus } = await user.json<{ host_status?: string }>('--os-compute-api-version', '2.16', 'server', 'show', 'vm-second')
    assert.equal(hostStatus, 'UNKNOWN')
    await user.boot('vm-first', '--flavor', 'm1.tiny', '--image', 'teruwa-guest', '--network', 'selfservice')
    const { id } = await user.json<{ id: string }>('server', 'show', 'vm-first')
    assert.equal((await admin.json<Record<string, string>>('server', 'show', id))['OS-EXT-SRV-ATTR:host'], first)
    await user.text('server', 'delete', '--wait', 'vm-first')

    await docker(['start', second])
    const back = await env().ready(300)
    assert.equal(back.status?.hypervisors?.silentNodes, undefined)
    assert.equal(back.status?.hypervisors?.summary, '2/2')
    assert.equal((await shown()).status.state, 'Up')
    await eventually('vm-second to have started again', 120, async () => /lease 1\.0\.0\.\d+/.test(await user.text('console', 'log', 'show', 'vm-second')))
    await user.text('server', 'delete', '--wait', 'vm-second')
  })
}
