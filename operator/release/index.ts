import { zed } from './zed.ts'

/** What differs between OpenStack releases, as data: no engine asks for a release by its name. */
export interface Release {
  readonly name: string
  /** WSGI entry point of each API, as Debian's packages of the release install it. */
  readonly wsgi: Readonly<Record<'keystone' | 'glance' | 'placement' | 'nova' | 'novaMetadata' | 'neutron', string>>
}

const releases: Readonly<Record<string, Release>> = { zed }

/** The data of a release. Throws for one that the schema would have refused. */
export function releaseOf(name: string): Release {
  const release = releases[name]
  if (release === undefined) throw new RangeError(`spec.release: ${JSON.stringify(name)} is none of ${Object.keys(releases).join(', ')}`)
  return release
}
