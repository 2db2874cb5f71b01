import type { Release } from './release.ts'
import { zed } from './zed.ts'

export type { Release } from './release.ts'

const releases: Readonly<Record<string, Release>> = { zed }

/** The data of a release. Throws for one that the schema would have refused. */
export function releaseOf(name: string): Release {
  const release = releases[name]
  if (release === undefined) throw new RangeError(`spec.release: ${JSON.stringify(name)} is none of ${Object.keys(releases).join(', ')}`)
  return release
}
