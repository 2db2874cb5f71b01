import type { BootstrapFlavor } from '../api/v1alpha1/index.ts'
import type { Change, Ensured } from './change.ts'
import { changedFields, converge, listAll } from './resource.ts'
import type { Collection, Listed, Wanted } from './resource.ts'
import type { Session } from './session.ts'

export type FlavorWant = BootstrapFlavor

const flavors: Collection = { service: 'compute', path: '/flavors', singular: 'flavor', plural: 'flavors', update: 'PUT' }

/** From 2.61 on the list holds extra specs; from 2.75 on a flavor without swap has 0 and not ''. */
const MICROVERSION = '2.75'

/** Makes the flavors that are missing and mends extra specs. Throws a DeclarationError where a size differs: Nova cannot change one. */
export async function ensureFlavors(session: Session, wants: readonly FlavorWant[], signal?: AbortSignal): Promise<Ensured> {
  const changes: Change[] = []
  if (wants.length === 0) return { changes }
  // Without is_public=None only public flavors and those of the login's own project are listed.
  const listed = await session.list<Listed>('compute', `${flavors.path}/detail`, flavors.plural, {
    query: { is_public: 'None' },
    microversion: MICROVERSION,
    signal,
  })
  const ids = await converge(session, flavors, wants.map(wantedFlavor), listed, changes, signal)
  await Promise.all(
    wants.map(async ({ name, extraSpecs }, index) => {
      const id = ids[index] ?? ''
      const missing = changedFields(extraSpecs, extraSpecsOf(listed.find((flavor) => flavor.id === id)))
      if (Object.keys(missing).length === 0) return
      await session.request('compute', 'POST', `${flavors.path}/${id}/os-extra_specs`, { json: { extra_specs: missing }, signal })
      changes.push({ action: 'updated', kind: 'flavor', name, fields: Object.keys(missing) })
    }),
  )
  return { changes }
}

/** Ids of the flavors that the session may use, by name. */
export async function listFlavorIds(session: Session, signal?: AbortSignal): Promise<Record<string, string>> {
  return Object.fromEntries((await listAll(session, flavors, {}, signal)).map(({ name, id }) => [String(name), id]))
}

function wantedFlavor({ name, vcpus, ramMiB, diskGiB, ephemeralGiB, swapMiB, public: isPublic }: FlavorWant): Wanted {
  const fixed = { vcpus, ram: ramMiB, disk: diskGiB, 'OS-FLV-EXT-DATA:ephemeral': ephemeralGiB, swap: swapMiB, 'os-flavor-access:is_public': isPublic }
  return { name, key: { name }, fields: {}, fixed }
}

function extraSpecsOf(flavor: Listed | undefined): Record<string, unknown> {
  const specs = flavor?.['extra_specs']
  return specs !== null && typeof specs === 'object' ? { ...specs } : {}
}
