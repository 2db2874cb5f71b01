import type { OpenStackClusterSpec } from '../api/v1alpha1/index.ts'

/** Something that follows from a spec alone, made once for each spec that is at hand: one look at a cluster asks for it many times. Nobody changes a spec in place. */
export function perSpec<T extends object>(make: (spec: OpenStackClusterSpec) => T): (spec: OpenStackClusterSpec) => T {
  const known = new WeakMap<OpenStackClusterSpec, T>()
  return (spec) => {
    let made = known.get(spec)
    if (made === undefined) known.set(spec, (made = make(spec)))
    return made
  }
}
