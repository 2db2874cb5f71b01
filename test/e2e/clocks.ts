import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually } from '../../local/verify/guest.ts'
import { conditionOf } from './environment.ts'
import type { Environment } from './environment.ts'
import { NtpServer } from './ntp-server.ts'

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string }
  readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] }
}

interface ChronyPod {
  readonly spec: { readonly containers: readonly { readonly args: readonly string[]; readonly securityContext: { readonly capabilities: unknown } }[] }
}

/** The clocks of both nodes, measured against a server of this host. */
export function clockTests(env: () => Environment): void {
  test('chrony watches the clocks of both nodes: a wrong one, or servers that fall silent, is a condition; with Synchronize it sets that of one; and nothing else restarts', async (context) => {
    const gateway = env().cluster.managementCidr.replace(/\.0\/24$/, '.1')
    const ntp = await NtpServer.start(gateway)
    context.after(() => ntp.close())
    const others = async () => {
      const pods = await env().list<Pod>('pods', '-l', 'app.kubernetes.io/name!=chrony')
      return pods.map(({ metadata: { name, uid }, status }) => `${name} ${uid} ${status.containerStatuses?.map((each) => each.restartCount).join()}`).toSorted()
    }
    const offsets = async () =>
      [...(await env().metrics()).matchAll(/^teruwa_clock_offset_seconds\{.*node="(.+)"\} (\S+)$/gm)].map(
        ([, node, seconds]) => `${node} ${Math.round(Number(seconds)) + 0}`,
      )
    const time = (reason: string, pattern: RegExp, seconds: number) =>
      env().until(reason, seconds, (cluster) => {
        const ready = conditionOf(cluster, 'Ready')
        return ready?.reason === reason && pattern.test(ready.message)
      })
    const before = await others()
    await env().change({ timeSync: { mode: 'Monitor', servers: [gateway] } })
    const clocks = async () => (await Promise.all(env().nodes.map((node) => env().hypervisor(node)))).map(({ status }) => status.clock)
    await eventually('the clocks of both nodes', 60, async () =>
      (await clocks()).every((clock) => clock?.synchronized && Math.abs(clock.offsetMilliseconds ?? NaN) < 100),
    )
    await env().ready(30)
    assert.deepEqual(
      (await offsets()).toSorted(),
      env()
        .nodes.map((node) => `${node} 0`)
        .toSorted(),
    )
    // Only the server's clock moves, never the nodes': they share it with this host.
    ntp.offset = 2
    const [first, second] = env().nodes
    await time('ClockOffset', new RegExp(`that of ${first} is 2\\.0 s behind, that of ${second} is 2\\.0 s behind`), 120)
    assert.deepEqual(
      (await offsets()).toSorted(),
      env()
        .nodes.map((node) => `${node} -2`)
        .toSorted(),
    )
    ntp.offset = 0
    await env().ready(120)
    ntp.answers = false
    await time('NoTimeSource', new RegExp(`no server of timeSync\\.servers \\(${gateway}\\) gives the time to ${first}, ${second}: `), 300)

    // One node alone sets the clock, by a server that has this host's own time: it has nothing to do.
    ntp.answers = true
    await env().change({ timeSync: { mode: 'Synchronize', nodeSelector: { 'kubernetes.io/hostname': first } } })
    const clockBefore = Date.now() - performance.now()
    await eventually('the clock of one node to be set by chrony', 90, async () => {
      const [one, other] = await clocks()
      return one?.synchronized === true && Math.abs(one.offsetMilliseconds ?? NaN) < 50 && other === undefined
    })
    await env().ready(60)
    const [chrony] = await env().list<ChronyPod>('pods', '-l', 'app.kubernetes.io/name=chrony')
    const [container] = chrony?.spec.containers ?? []
    assert.deepEqual(container?.securityContext.capabilities, { drop: ['ALL'], add: ['SYS_TIME'] })
    assert.ok(!container.args.includes('-x'), 'it may set the clock')
    const drift = Date.now() - performance.now() - clockBefore
    assert.ok(Math.abs(drift) < 50, `this host's clock was moved by ${drift} ms`)

    await env().change({ timeSync: { mode: 'Off', nodeSelector: null } })
    await env().ready(60)
    await eventually(
      'chrony to be gone',
      60,
      async () => (await env().list('pods,daemonsets,secrets', '-l', 'app.kubernetes.io/name in (chrony,chrony-config)')).length === 0,
    )
    assert.deepEqual(await offsets(), [])
    assert.equal((await env().ready(30)).status?.hypervisors?.watchedClocks, undefined)
    assert.deepEqual(await clocks(), [undefined, undefined])
    assert.deepEqual(await others(), before)
  })
}
