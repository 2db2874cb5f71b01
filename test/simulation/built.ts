import type { KubeObject } from '../../operator/kube/types.ts'
import { isReady } from '../../operator/model/node.ts'
import type { Scope } from '../../operator/model/scope.ts'
import type { Step } from '../../operator/model/step.ts'
import { publicEndpoints } from '../../operator/services/wanted.ts'

/**
 * What builders have made of a scope. They are pure, and most looks at a cloud have them make the same again: a run that is about the loop and not about them
 * goes on with what they made. Only for steps that look at nothing but the spec, credentials, nodes and public addresses.
 */
export class Built {
  readonly #objects = new Map<string, { readonly from: readonly unknown[]; readonly objects: readonly KubeObject[] }>()

  /** The step, with its objects built once for all scopes that are alike. One that builds on what its call has found is left as it is. */
  of(scope: Scope, step: Step): Step {
    const { id, objects: build } = step
    if (build === undefined || (step.outside !== undefined && !looksAway.has(id))) return step
    return {
      ...step,
      objects: () => {
        const from = seenOf(scope)
        const known = this.#objects.get(id)
        if (known !== undefined && known.from.length === from.length && known.from.every((each, index) => each === from[index])) return known.objects
        const objects = build(scope)
        this.#objects.set(id, { from, objects })
        return objects
      },
    }
  }
}

/** Steps with a call whose objects do not depend on what it has found. */
const looksAway: ReadonlySet<string> = new Set(['identity/declared'])

/** All that such a step can see, in parts that are the same when they are alike; a spec that has not changed is the same object. */
function seenOf(scope: Scope): unknown[] {
  const nodes = scope.nodes.map((node) => `${node.metadata.name} ${isReady(node)}`)
  const urls = publicEndpoints(scope.spec).map(({ app }) => scope.publicUrl(app))
  const passwords = scope.spec.identity.users.map(({ name }) => scope.userPassword(name))
  return [scope.spec, scope.uid, scope.credential('keystone.fernet'), scope.credential('keystone.admin'), ...passwords, ...nodes, ...urls]
}
