import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../../local/command.ts'
import { ensureOpenStackClient, OpenStackClient } from '../../local/verify/client.ts'
import { bundlePlugin } from '../../plugin/bundle.ts'
import type { CheckResult } from '../../plugin/verify/check.ts'
import { CLOUD, NAMESPACE } from './environment.ts'
import type { Environment } from './environment.ts'

/** The bundled plugin, with a cloud that is Ready. */
export function pluginTests(env: () => Environment): void {
  test('kubectl teruwa finds the cloud, tells how it is, lets people log in, and verifies it', async () => {
    await env().ready(60)
    const program = await bundlePlugin(join(env().folder, 'plugin'))
    const kubeconfig = join(env().folder, 'kubeconfig')
    const teruwa = (...args: readonly string[]) => run(program, [...args, '--kubeconfig', kubeconfig])

    assert.match(await teruwa('status'), new RegExp(`^Cloud ${NAMESPACE}/${CLOUD} .*\n✔ Ready since `))
    const { ready, steps } = JSON.parse(await teruwa('status', '-o', 'json')) as { ready: boolean; steps: { id: string; needs: string[] }[] }
    assert.equal(ready, true)
    assert.ok(steps.every(({ id, needs }) => !id.endsWith('/schema') || needs.length === 2))
    assert.match(await teruwa('graph', '--svg'), /<text [^>]*>nova\/conductor<\/text>/)
    assert.match(await teruwa('events'), / OpenStackCluster\/teruwa /)

    // As somebody would do it: variables for a shell, a file for the client.
    const openrc = join(env().folder, 'openrc')
    await writeFile(openrc, await teruwa('openrc', 'myuser'), { mode: 0o600 })
    const client = await ensureOpenStackClient()
    assert.equal((await run('sh', ['-ec', '. "$1"; exec "$2" token issue -f value -c id', 'sh', openrc, client])).trim().length > 20, true)
    const cloudsFile = join(env().folder, 'plugin-clouds.yaml')
    await writeFile(cloudsFile, await teruwa('openrc', '--clouds-yaml'), { mode: 0o600 })
    const admin = new OpenStackClient({ program: client, cloudsFile, cloud: CLOUD })
    assert.equal((await admin.json<{ name: string }>('project', 'show', 'admin')).name, 'admin')

    assert.match(await teruwa('logs', 'keystone-api', '--tail', '500'), /GET \/v3/)
    assert.match(await teruwa('logs', 'nova', '--since', '1h'), /^\[nova-api-\S+\] /m)

    const { checks } = JSON.parse(await teruwa('verify', '-o', 'json')) as { checks: CheckResult[] }
    assert.deepEqual(
      checks.filter(({ ok }) => !ok),
      [],
    )
    for (const name of ['pods', 'hypervisors', 'endpoint keystone', 'token', 'catalogue', 'compute services', 'network agents'])
      assert.ok(
        checks.some((check) => check.name === name),
        `the check ${name} was made`,
      )
  })
}
