import { DEPENDS_ON_SELF_SERVICE } from '../../openstack/self-service.ts'
import type { Scope } from '../../model/scope.ts'
import type { Step } from '../../model/step.ts'

/** Its answer says whether anything stands in the way of mode Provider. */
const MODE_STEP = 'neutron/mode'

/**
 * Whether projects have networks and routers of their own: the mode that is in force. A cloud that has them keeps them, whatever the CR says, until
 * Neutron has answered that nothing depends on them. Its L3 agents tell that it is such a cloud, also to an operator that has just started.
 */
export function isSelfService(scope: Scope): boolean {
  if (scope.spec.services.neutron.mode === 'SelfService') return true
  const answer = scope.outside(MODE_STEP)
  if (answer?.problem?.reason === DEPENDS_ON_SELF_SERVICE) return true
  return scope.live('DaemonSet', 'neutron-l3-agent') !== undefined && answer?.ready !== true
}

/** Where the CR wants mode Provider: a look whether anything is left that needs the other one. Nothing waits for it. */
export function modeSteps(scope: Scope): Step[] {
  if (scope.spec.services.neutron.mode === 'SelfService') return []
  return [{ id: MODE_STEP, needs: ['neutron/api', 'neutron/identity'], outside: () => ({ kind: 'self-service', want: 'none' }) }]
}
