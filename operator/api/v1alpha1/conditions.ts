// Conditions of an OpenStackCluster: Ready, Progressing and Degraded for people, Reconciling and Stalled (abnormal-true) for kstatus, and one for each
// part of the cloud, such as KeystoneReady. InstallationFaulty is there only while something is wrong with how the operator was installed.

export const conditionTypes = ['Ready', 'Progressing', 'Degraded', 'Reconciling', 'Stalled'] as const
export const conditionStatuses = ['True', 'False', 'Unknown'] as const

export type ConditionType = (typeof conditionTypes)[number] | 'InstallationFaulty' | `${string}Ready`
export type ConditionStatus = (typeof conditionStatuses)[number]

/** One condition, as in metav1.Condition. */
export interface Condition {
  type: string
  status: ConditionStatus
  observedGeneration?: number | undefined
  /** RFC 3339, whole seconds. */
  lastTransitionTime: string
  reason: string
  message: string
}

/** A condition that somebody wants to be true of the cluster now. */
export type WantedCondition = Omit<Condition, 'type' | 'lastTransitionTime' | 'observedGeneration'> & { type: ConditionType }

/** The condition of one type, if it was ever set. */
export const findCondition = (conditions: readonly Condition[] | undefined, type: ConditionType): Condition | undefined =>
  conditions?.find((condition) => condition.type === type)

/** Whether the condition of one type has the status True. */
export const isTrue = (conditions: readonly Condition[] | undefined, type: ConditionType): boolean => findCondition(conditions, type)?.status === 'True'

/**
 * The conditions after `wanted` was set. Those of other types stay as they are, in their place; new ones come last. `lastTransitionTime`
 * moves only when the status changes, so that it says since when something is so; an unchanged condition comes back as the same object.
 * @param observedGeneration metadata.generation of the object that was looked at
 * @param now the clock's time
 */
export function setConditions(
  conditions: readonly Condition[] | undefined,
  wanted: readonly WantedCondition[],
  observedGeneration: number,
  now: Date,
): Condition[] {
  const result = [...(conditions ?? [])]
  for (const want of wanted) {
    const index = result.findIndex((condition) => condition.type === want.type)
    const old = result[index]
    const next: Condition = {
      type: want.type,
      status: want.status,
      observedGeneration,
      lastTransitionTime: old?.status === want.status ? old.lastTransitionTime : timestamp(now),
      reason: want.reason,
      message: want.message,
    }
    if (!old) result.push(next)
    else if (!equal(old, next)) result[index] = next
  }
  return result
}

/** A time as metav1.Time writes it: RFC 3339 in UTC, whole seconds. */
export const timestamp = (time: Date): string => time.toISOString().replace(/\.\d+Z$/, 'Z')

const equal = (a: Condition, b: Condition): boolean =>
  a.status === b.status &&
  a.observedGeneration === b.observedGeneration &&
  a.lastTransitionTime === b.lastTransitionTime &&
  a.reason === b.reason &&
  a.message === b.message
