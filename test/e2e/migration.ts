import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nodeChecks } from '../../local/verify/node-checks.ts'
import type { Environment } from './environment.ts'

/** What takes two hypervisors. */
export function migrationTests(env: () => Environment): void {
  test('with two hypervisors: each host once, guests talk over VXLAN, consoles answer, and a guest that is pinged moves live', async (context) => {
    const results = await env().verify(nodeChecks)
    assert.equal(results.length, nodeChecks.length, 'every check applies')
    for (const { name, ok, message } of results) {
      await context.test(name, () => assert.ok(ok, message))
      console.log(`# ${name}: ${message}`)
    }
  })
}
