import type { KubeObject } from '../../operator/kube/types.ts'
import { isReady } from '../../operator/model/node.ts'
import type { Scope } from '../../operator/model/scope.ts'
import type { Step } from '../../operator/model/step.ts'
import { publicEndpoints } from '../../operator/services/wanted.ts'

interface Made {
  readonly from: readonly unknown[]
  readonly objects: readonly KubeObject[]
}

/**
 * What builders have made of a scope. They are pure, and most looks at a cloud have them make the same again: a run that is about the loop and not about them
 * goes on with what they made. Only for steps that look at nothing but the spec, credentials, nodes and public addresses.
 */
export class Built {
  readonly #made = new Map<string, Made>()
  readonly #origin: Built | undefined

  /** `origin`: what was made for the cloud that this one began as. */
  constructor(origin?: Built) {
    this.#origin = origin
  }

  /** The steps, with their objects built once for all scopes that are alike. One that builds on what its call has found is left as it is. */
  of(scope: Scope, steps: readonly Step[]): Step[] {
    const from = seenOf(scope)
    return steps.map((step) => (looksFurther(step) ? step : this.#remembered(scope, step, from)))
  }

  #remembered(scope: Scope, step: Step, from: readonly unknown[]): Step {
    const { id, objects: build } = step
    if (build === undefined) return step
    return {
      ...step,
      objects: () => {
        const known = this.known(id, from) ?? this.#origin?.known(id, from)
        if (known !== undefined) return known
        const objects = build(scope)
        this.#made.set(id, { from, objects })
        return objects
      },
    }
  }

  /** What was made for a step last, if it was made from the same. */
  known(id: string, from: readonly unknown[]): readonly KubeObject[] | undefined {
    const made = this.#made.get(id)
    return made?.from.length === from.length && made.from.every((each, index) => each === from[index]) ? made.objects : undefined
  }
}

/** Whether a step's objects may depend on what its call has found, or on what is on the nodes. */
function looksFurther({ id, outside }: Step): boolean {
  return id.startsWith('compute/') || (outside !== undefined && id !== 'identity/declared')
}

/** All that such a step can see, in parts that are the same when they are alike; a spec that has not changed is the same object. */
function seenOf(scope: Scope): unknown[] {
  const nodes = scope.nodes.map((node) => `${node.metadata.name} ${isReady(node)}`)
  const urls = publicEndpoints(scope.spec).map(({ app }) => scope.publicUrl(app))
  const passwords = scope.spec.identity.users.map(({ name }) => scope.userPassword(name))
  return [scope.spec, scope.uid, scope.credential('keystone.fernet'), scope.credential('keystone.admin'), ...passwords, ...nodes, ...urls]
}
