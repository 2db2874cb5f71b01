import assert from 'node:assert/strict'
import { test } from 'node:test'
import { docker } from '../../local/docker.ts'
import { eventually } from '../../local/verify/guest.ts'
import { CLOUD, GUESTS_ONLY } from './environment.ts'
import type { Environment } from './environment.ts'
import { readyForThreads } from './first-request.ts'
import { TokenLoad } from './token-load.ts'
import type { TokenLogin } from './token-load.ts'

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly spec: { readonly nodeName: string }
  readonly status: { readonly containerStatuses?: readonly { readonly containerID?: string; readonly ready: boolean; readonly restartCount: number }[] }
}

const SELECTOR = 'app.kubernetes.io/name=keystone-api'
/** How often services ask again where they get no connection: the operator tells keystonemiddleware so. */
const REPEATS = 5

/** Keystone is what everything else leans on: whatever happens to one of its pods, somebody who asks for a token gets one. */
export function keystoneTests(env: () => Environment): void {
  const kubectl = (...args: readonly string[]) => env().in(...args)
  const pods = async () => (await env().list<Pod>('pods', '-l', SELECTOR)).filter(({ metadata }) => metadata.deletionTimestamp === undefined)
  const login = async (): Promise<TokenLogin> => {
    const { status } = await env().ready(180)
    const { username = '', password = '' } = await env().secret(`${CLOUD}-user-myuser`)
    const authUrl = `${status?.endpoints?.find(({ service }) => service === 'keystone')?.public}/v3`
    return { authUrl, username, password, project: 'myproject' }
  }

  test('several first requests at once are served by Keystone and the dashboard as well as any', async () => {
    for (const deployment of ['keystone-api', 'horizon-web'] as const) await readyForThreads(env(), deployment)
  })

  test('with two replicas of Keystone not one token request is lost: pods deleted, a node drained, a roll, and keys that change', async () => {
    const rolled = () => kubectl('rollout', 'status', 'deployment/keystone-api', '--timeout=180s')
    /** Names of the keys that each pod has: the highest is what it makes tokens with. */
    const keys = async () =>
      Promise.all(
        (await pods()).map(async ({ metadata }) => (await kubectl('exec', metadata.name, '--', 'ls', '/etc/keystone/fernet-keys')).split(/\s+/).map(Number)),
      )
    const primary = async () =>
      Math.max(...Object.keys(JSON.parse((await env().secret(`${CLOUD}-credentials`))['keystone.fernet'] ?? '{}') as object).map(Number))

    // The control plane was on the first node alone until now.
    await env().kubectl.run(['taint', 'node', env().nodes[1], `${GUESTS_ONLY}-`])
    await env().change({ services: { keystone: { replicas: 2, fernetRotationMinutes: 2 } } })
    const wanted = await login()
    const nodes = new Set((await pods()).map(({ spec }) => spec.nodeName))
    assert.equal(nodes.size, 2, `the two pods are on two nodes, not on ${[...nodes].join()}`)
    const before = await primary()
    const load = new TokenLoad(wanted)
    try {
      for (const { metadata } of await pods()) {
        await kubectl('delete', 'pod', metadata.name, '--wait=true')
        await rolled()
      }
      const [first] = await pods()
      assert.ok(first)
      // Keystone's pods alone: the others' turn is another test's.
      await env().kubectl.run(['drain', first.spec.nodeName, '--ignore-daemonsets', '--delete-emptydir-data', `--pod-selector=${SELECTOR}`, '--timeout=120s'])
      await rolled()
      await env().kubectl.run(['uncordon', first.spec.nodeName])
      await kubectl('rollout', 'restart', 'deployment/keystone-api')
      await rolled()
      await eventually('two changes of the keys', 300, async () => (await primary()) >= before + 2)
      const now = await primary()
      // A node gets a changed Secret within a minute and a half.
      await eventually(`every pod of Keystone to have key ${now}`, 150, async () => (await keys()).every((numbers) => numbers.includes(now)))
      const { issued } = load
      await eventually('log-ins with the new key', 60, async () => load.issued >= issued + 3)
    } finally {
      await load.stop()
    }
    assert.ok(load.issued > 50 && load.validated > 300, `expected a steady load, there were ${load.issued} log-ins and ${load.validated} validations`)
    assert.deepEqual(load.lost, [], `of ${load.issued} log-ins and ${load.validated} validations ${load.lost.length} were lost`)
    console.log(`# Keystone: ${load.issued} log-ins and ${load.validated} validations, none lost`)
  })

  test('either pod killed by SIGKILL: a client that asks again where it gets no connection loses nothing, and one that does not a moment', async () => {
    const wanted = await login()
    const loads = { plain: new TokenLoad(wanted, { share: 0.5 }), asking: new TokenLoad(wanted, { share: 0.5, repeats: REPEATS }) }
    const kills: number[] = []
    try {
      await eventually('a steady load', 60, async () => loads.plain.validated >= 20 && loads.asking.validated >= 20)
      for (const { metadata, spec } of await pods()) {
        const pod = async () => (await pods()).find((each) => each.metadata.name === metadata.name)?.status.containerStatuses?.[0]
        const { restartCount = 0, containerID = '' } = (await pod()) ?? {}
        kills.push(Date.now())
        // By the node's containerd: PID 1 of a container cannot be killed from within, and all others of it go with it.
        await docker(['exec', spec.nodeName, 'ctr', '-n', 'k8s.io', 'tasks', 'kill', '--signal', 'SIGKILL', containerID.replace('containerd://', '')])
        await eventually(`${metadata.name} to be back`, 90, async () => {
          const container = await pod()
          return container?.ready && container.restartCount > restartCount
        })
        const { validated } = loads.asking
        await eventually('some more validations', 60, async () => loads.asking.validated >= validated + 20)
      }
    } finally {
      await Promise.all(Object.values(loads).map((load) => load.stop()))
    }
    const { plain, asking } = loads
    const seconds = plain.lost.map(({ at }) => Math.min(...kills.map((kill) => Math.abs(Date.parse(at) - kill))) / 1000)
    console.log(
      `# Keystone, both pods killed: without asking again ${plain.lost.length} of ${plain.issued + plain.validated + plain.lost.length} requests are lost, ` +
        `the last ${Math.max(0, ...seconds).toFixed(1)} s after a kill; with it ${asking.lost.length} of ${asking.issued + asking.validated + asking.lost.length}, ${asking.repeated} asked again`,
    )
    assert.deepEqual(asking.lost, [])
    assert.ok(
      seconds.every((after) => after < 30),
      `lost long after a kill: ${JSON.stringify(plain.lost)}`,
    )
    assert.deepEqual(
      plain.lost.filter(({ reason }) => /^\d{3} /.test(reason)),
      [],
      'what is answered is answered well',
    )
    await env().change({ services: { keystone: { replicas: 1, fernetRotationMinutes: null } } })
    await env().ready(120)
    await eventually('the disruption budget to be gone', 30, async () => (await kubectl('get', 'poddisruptionbudgets', '-o', 'name')) === '')
  })
}
