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

  /** The step, with its objects built once for all scopes that are alike. One with a call builds on what that has found, and is left as it is. */
  of(scope: Scope, step: Step): Step {
    const { id, objects: build } = step
    if (build === undefined || step.outside !== undefined) return step
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

/** All that such a step can see, in parts that are the same when they are alike; a spec that has not changed is the same object. */
function seenOf(scope: Scope): unknown[] {
  const nodes = scope.nodes.map((node) => `${node.metadata.name} ${isReady(node)}`)
  const urls = publicEndpoints(scope.spec).map(({ app }) => scope.publicUrl(app))
  return [scope.spec, scope.uid, scope.credential('keystone.fernet'), scope.credential('keystone.admin'), ...nodes, ...urls]
}
