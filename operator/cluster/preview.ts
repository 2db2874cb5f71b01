import { hashOf } from '../config/hash.ts'
import { differs } from '../kube/apply.ts'
import type { KubeObject } from '../kube/types.ts'
import type { OutsideCall } from '../model/outside.ts'
import type { Scope } from '../model/scope.ts'
import { serviceObjects } from './foundation.ts'
import { stepsOf } from './graph.ts'

/** What a changed spec would do, before anybody applies it. */
export interface Preview {
  /** Objects that would be made, and those that would be changed, which have a `live` and the first field that differs. */
  readonly changes: readonly ObjectChange[]
  readonly removed: readonly KubeObject[]
  /** Pods that start anew by themselves, since the file of their node changes. */
  readonly restarts: readonly { readonly pod: string; readonly node: string; readonly secret: string }[]
  /** Steps that would ask for other things outside of Kubernetes. */
  readonly asked: readonly string[]
  /** Steps that cannot do what the spec says, and could do what it said before. */
  readonly failed: readonly { readonly step: string; readonly message: string }[]
}

/** An object that is not as it would be wanted. */
export interface ObjectChange {
  readonly desired: KubeObject
  readonly live?: KubeObject
  readonly path?: string
}

/** What a step wants in the end, whatever it waits for now; or why it cannot be said. */
interface Wish {
  readonly id: string
  /** `undefined`: the step cannot be built. */
  readonly objects: readonly KubeObject[] | undefined
  readonly call?: OutsideCall | undefined
  readonly failure?: string
}

/**
 * What would become of a cluster whose spec became another one. Pure. Both scopes show the same world, in which nobody outside of Kubernetes was asked:
 * Jobs that follow from an answer are not in it, nor is what is still under way for the spec as it is.
 */
export function previewOf(before: Scope, after: Scope, owned: readonly KubeObject[]): Preview {
  const old = new Map(wishesOf(before).map((wish) => [wish.id, wish]))
  const wishes = wishesOf(after)
  const was = byKey([...serviceObjects(before), ...[...old.values()].flatMap(({ objects }) => objects ?? [])])
  // A step that cannot be built leaves what it had.
  const wanted = byKey([...serviceObjects(after), ...wishes.flatMap(({ id, objects }) => objects ?? old.get(id)?.objects ?? [])])
  const changes = [...wanted].flatMap(([key, desired]) => (hashOf(desired) === hashOf(was.get(key)) ? [] : changeOf(desired, after)))
  return {
    changes,
    removed: owned.filter((object) => was.has(keyOf(object)) && !wanted.has(keyOf(object))),
    restarts: changes.flatMap((change) => restartsOf(change, after)),
    asked: wishes.filter(({ id, call }) => call !== undefined && hashOf(call, 64) !== hashOf(old.get(id)?.call, 64)).map(({ id }) => id),
    failed: wishes.flatMap(({ id, failure }) => (failure === undefined || failure === old.get(id)?.failure ? [] : [{ step: id, message: failure }])),
  }
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`
}

function byKey(objects: readonly KubeObject[]): ReadonlyMap<string, KubeObject> {
  return new Map(objects.map((object) => [keyOf(object), object]))
}

function wishesOf(scope: Scope): Wish[] {
  return stepsOf(scope).map(({ id, objects, outside, problem }) => {
    try {
      const hindrance = problem?.(scope)
      return { id, objects: objects?.(scope) ?? [], call: outside?.(scope), ...(hindrance === undefined ? {} : { failure: hindrance.message }) }
    } catch (error) {
      return { id, objects: undefined, failure: error instanceof Error ? error.message : String(error) }
    }
  })
}

function changeOf(desired: KubeObject, scope: Scope): ObjectChange[] {
  const live = scope.live(desired.kind, desired.metadata.name)
  if (live === undefined) return [{ desired }]
  // A Job is named by what it does: one that is there is the right one.
  const path = desired.kind === 'Job' ? undefined : differs(desired, live)
  return path === undefined ? [] : [{ desired, live, path }]
}

/** Who reads a Secret that holds a file for each node: that of `nodeOverrides` for an app, or the interfaces. */
function readerOf(secret: string): string | undefined {
  if (secret === 'neutron-interfaces') return 'neutron-linuxbridge-agent'
  return secret.endsWith('-nodes') ? secret.replace(/-nodes$/, '') : undefined
}

function restartsOf({ desired, live }: ObjectChange, scope: Scope): Preview['restarts'] {
  const { name: secret } = desired.metadata
  const app = readerOf(secret)
  if (desired.kind !== 'Secret' || live === undefined || app === undefined) return []
  return scope.pods(app).flatMap((pod) => {
    const { nodeName: node = '' } = (pod.spec ?? {}) as { nodeName?: string }
    const was = live.data?.[node]
    return was === undefined || was === desired.data?.[node] ? [] : [{ pod: pod.metadata.name, node, secret }]
  })
}
