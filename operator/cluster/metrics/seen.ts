import type { Answer } from '../../model/outside.ts'
import { keyOf } from '../watches.ts'
import type { Watches } from '../watches.ts'
import type { SeenCloud } from './metric.ts'

/** An answer that is older than this, in ms, says nothing of now any more: three times as old as the oldest that is asked for again. */
const BELIEVED = 1_000_000

/** All clouds. `answers`: what the outside of one answered, by its key; `now` in ms since the epoch. */
export function seenClouds(
  watches: Pick<Watches, 'clusters' | 'ownedBy' | 'hypervisorsOf'>,
  answers: (key: string) => readonly Answer[],
  now: number,
): SeenCloud[] {
  return watches.clusters().map((cluster) => {
    const { namespace, name, uid } = cluster.metadata
    return {
      cluster,
      owned: watches.ownedBy(uid),
      hypervisors: watches.hypervisorsOf(uid),
      // Nobody is asked about a paused cloud: what was answered last is old.
      answers: cluster.spec.paused ? [] : answers(keyOf(namespace, name)).filter(({ at }) => now - at < BELIEVED),
    }
  })
}
