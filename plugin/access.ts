import { dump, load } from 'js-yaml'

/** What the operator wrote for one user of a cloud. */
export interface Access {
  /** Name of the cloud in the merged file. */
  readonly as: readonly string[]
  /** A clouds.yaml with one cloud. */
  readonly clouds: string
}

interface CloudsFile {
  clouds: Record<string, unknown>
}

/** One clouds.yaml out of several that hold one cloud each. */
export function mergeClouds(accesses: readonly Access[]): string {
  const clouds = accesses.flatMap(({ as, clouds }) => {
    const [cloud] = Object.values((load(clouds) as CloudsFile).clouds)
    return as.map((name) => [name, cloud] as const)
  })
  return dump({ clouds: Object.fromEntries(clouds) }, { noRefs: true })
}
