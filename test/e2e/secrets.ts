import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { ensurePackages } from '../../local/host.ts'
import { eventually } from '../../local/verify/guest.ts'
import type { Environment } from './environment.ts'
import { readyForThreads } from './first-request.ts'

/** Debian's package that teaches the stock client about secrets, and a file of it. */
const PLUGIN = { 'python3-barbicanclient': ['/usr/lib/python3/dist-packages/barbicanclient/osc_plugin.py'] }

/** A service that a cloud is without by default comes, keeps what it is given, and goes. */
export function secretTests(env: () => Environment): void {
  test('Barbican is switched on, off and on again: a secret of a user is there after each change of its pods, and no other pod restarts', async () => {
    await ensurePackages({}, PLUGIN)
    const [admin, user, reader] = [await env().client('admin'), await env().client('myuser'), await env().client('myreader')]
    const others = () => env().runningPods((labels) => labels['app.kubernetes.io/component'] !== 'barbican')
    const catalogue = async () => (await admin.json<{ Type: string }[]>('catalog', 'list')).map(({ Type }) => Type)
    const before = await others()
    const set = async (enabled: boolean) => {
      await env().change({ services: { barbican: { enabled } } })
      return (await env().ready(180)).status?.endpoints?.find(({ service }) => service === 'barbican')?.public
    }

    const url = await set(true)
    assert.ok(url !== undefined && (await catalogue()).includes('key-manager'))
    const payload = randomBytes(16).toString('hex')
    const { 'Secret href': href = '' } = await user.json<Record<string, string>>('secret', 'store', '--name', 'kept', '--payload', payload)
    assert.ok(href.startsWith(`${url}/v1/secrets/`), `${href} is below the public endpoint, ${url}`)
    const read = async () => (await user.json<Record<string, string>>('secret', 'get', '--payload', href))['Payload']
    assert.equal(await read(), payload)
    await assert.rejects(reader.text('secret', 'get', '--payload', href), /Forbidden|not allowed/i, 'who only reads is shown no secret')

    await env().in('delete', 'pod', '--selector', 'app.kubernetes.io/name=barbican-api')
    await env().in('rollout', 'status', 'deployment/barbican-api', '--timeout=120s')
    assert.equal(await read(), payload, 'after another pod has taken over')
    await readyForThreads(env(), 'barbican-api')

    assert.equal(await set(false), undefined, 'the endpoint goes with the service')
    assert.ok(!(await catalogue()).includes('key-manager'), 'and so does its entry in the catalogue')
    await eventually('every object of Barbican to be gone', 90, async () => {
      const kinds = 'pods,services,deployments,jobs,secrets'
      return (await env().in('get', kinds, '--selector', 'app.kubernetes.io/component=barbican', '--output', 'name')) === ''
    })

    await set(true)
    assert.equal(await read(), payload, 'its database was kept')
    await user.text('secret', 'delete', href)
    await set(false)
    assert.deepEqual(await others(), before, 'no other pod was replaced or restarted')
  })
}
