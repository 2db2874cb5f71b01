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

/**
 * Asserts that several first requests at once are served as well as any: its entry point is run once more, with a pod's own configuration, and then the
 * policy is there, and the lock that all threads log by is none of eventlet's, which hangs two of them that want it at the same moment.
 */
export async function readyForThreads(env: Environment, deployment: keyof typeof RULES): Promise<void> {
  const { from, read } = RULES[deployment]
  const program = `
import logging, runpy, sys
sys.argv = ['wsgi']
runpy.run_path('/usr/share/teruwa/wsgi.py')
${from}
print('rule:', ${read})
print('lock:', type(logging._lock).__module__)
`
  const told = await env.in('exec', `deployment/${deployment}`, '--', 'python3', '-c', program)
  assert.match(told, /^rule: .*\S/m, `${deployment} has read its policy once its entry point is loaded`)
  assert.match(told, /^lock: _thread$/m, `${deployment} logs by Python's own lock`)
}
