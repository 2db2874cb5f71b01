import { findCondition, isTrue } from '../api/v1alpha1/conditions.ts'
import type { Condition } from '../api/v1alpha1/conditions.ts'
import type { Told } from './hypervisor-events.ts'

type Conditions = readonly Condition[] | undefined

/**
 * Events of what has changed in the conditions: the cloud or a part of it became ready, or stopped being so. Why a part has failed is told as an event of
 * its own, with the problem's reason, so that it is not told here again.
 */
export function conditionEvents(before: Conditions, after: Conditions): Told[] {
  return [...partEvents(before, after), ...readyEvents(before, after), ...faultEvents(before, after)]
}

/** Something else is wrong with the installation, which the cloud itself may not show. */
function faultEvents(before: Conditions, after: Conditions): Told[] {
  const is = findCondition(after, 'InstallationFaulty')
  return is === undefined || is.message === findCondition(before, 'InstallationFaulty')?.message
    ? []
    : [{ type: 'Warning', reason: is.reason, message: is.message }]
}

function partEvents(before: Conditions, after: Conditions): Told[] {
  return (after ?? []).flatMap(({ type, status, reason, message }): Told[] => {
    if (type === 'Ready' || !type.endsWith('Ready')) return []
    const was = before?.find((each) => each.type === type)?.status
    if (status === 'True') return was === 'True' ? [] : [{ type: 'Normal', reason: type, message }]
    const underWay = reason === 'Progressing' || reason === 'Waiting'
    return was === 'True' && status === 'False' && underWay ? [{ type: 'Normal', reason: type.replace(/Ready$/, 'NotReady'), message }] : []
  })
}

function readyEvents(before: Conditions, after: Conditions): Told[] {
  const was = findCondition(before, 'Ready')
  const is = findCondition(after, 'Ready')
  if (is === undefined || (was?.status === is.status && was.reason === is.reason)) return []
  if (is.status !== 'True' && was?.status !== 'True') return []
  return [{ type: isTrue(after, 'Degraded') ? 'Warning' : 'Normal', reason: is.reason, message: is.message }]
}
