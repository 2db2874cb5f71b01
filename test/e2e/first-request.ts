import assert from 'node:assert/strict'
import type { Environment } from './environment.ts'

/** What each program keeps its policy in, as an expression that is true once the rules are there. */
const RULES = {
  'keystone-api': {
    from: 'from keystone.common.rbac_enforcer.enforcer import RBACEnforcer',
    read: "RBACEnforcer.__shared_state__['_RBACEnforcer__ENFORCER'].rules['identity:validate_token']",
  },
  'horizon-web': { from: 'from openstack_auth import policy', read: "policy._ENFORCER['volume'].rules['volume:create']" },
  'barbican-api': { from: 'from barbican.common import policy', read: "policy.ENFORCER.rules['secret:get']" },
}

/** Asserts that what a pod serves knows who may do what before anybody asks: its entry point is run once more, with its own configuration. */
export async function rulesBeforeRequests(env: Environment, deployment: keyof typeof RULES): Promise<void> {
  const { from, read } = RULES[deployment]
  const program = `import runpy, sys\nsys.argv = ['wsgi']\nrunpy.run_path('/usr/share/teruwa/wsgi.py')\n${from}\nprint('rule:', ${read})`
  const told = await env.in('exec', `deployment/${deployment}`, '--', 'python3', '-c', program)
  assert.match(told, /^rule: .*\S/m, `${deployment} has read its policy once its entry point is loaded`)
}
