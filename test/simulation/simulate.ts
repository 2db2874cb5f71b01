import { labels } from '../../operator/api/v1alpha1/index.ts'
import type { OpenStackCluster } from '../../operator/api/v1alpha1/index.ts'
import { decode } from '../../operator/cluster/credentials.ts'
import { serviceObjects } from '../../operator/cluster/foundation.ts'
import { makePlan } from '../../operator/cluster/plan.ts'
import { scopeOf } from '../../operator/cluster/scope.ts'
import { differs } from '../../operator/kube/apply.ts'
import { ResourceTypes, resourceTypeOf } from '../../operator/kube/resources.ts'
import type { KubeObject } from '../../operator/kube/types.ts'
import type { OutsideCall } from '../../operator/model/outside.ts'
import { credentialsSecretName } from '../../operator/model/scope.ts'
import { matches } from './api.ts'
import type { ModelApi } from './api.ts'
import { imageTags, operatorImage } from './operator.ts'
import { calmSchedule, describe, PATIENCE, scheduleOf } from './schedule.ts'
import type { Schedule, Shape } from './schedule.ts'
import { NAME, NAMESPACE, World } from './world.ts'

/** What came of a run. */
export interface Report {
  readonly seed: number
  /** Why it failed. */
  readonly problem?: string
  readonly writes: number
}

const { secrets, persistentVolumeClaims, pods, events, nodes } = ResourceTypes
/** Longer than any watch is behind, and than a garbage collection takes. */
const SETTLED = 15_000
const SHORT = 30_000
/** Longer than the time between two looks at what is outside. */
const LONG = 700_000

/** Runs the schedule of a seed to its end. With `trace`, tells of all that happens. */
export async function simulate(seed: number, trace?: (line: string) => void): Promise<Report> {
  const schedule = scheduleOf(seed)
  if (trace !== undefined) for (const line of describe(schedule)) trace(line)
  const world = new World(schedule, schedule.warm ? await readyWorld(schedule) : undefined, trace)
  const problem = await run(world)
  return { seed, writes: world.writes, ...(problem === undefined ? {} : { problem }) }
}

const readyWorlds = new Map<string, World>()

/** A Ready cloud of this shape; the same one each time. Throws where it does not get Ready although nothing fails. */
async function readyWorld(shape: Shape): Promise<World> {
  const { roots, spec, nodes, pods } = shape
  const key = JSON.stringify([roots?.source, spec, nodes, pods])
  const known = readyWorlds.get(key)
  if (known !== undefined) return known
  const world = new World(calmSchedule(shape))
  const problem = await run(world)
  if (problem !== undefined) throw new Error(`without any fault: ${problem}`)
  readyWorlds.set(key, world)
  return world
}

async function run(world: World): Promise<string | undefined> {
  const { clock, schedule } = world
  const start = clock.now()
  for (const { at, ...action } of schedule.actions) clock.after(at, () => world.perform(action))
  world.startOperator()
  await pass(world, schedule.calmAt)
  world.calm()
  const unfinished = await settle(world, start + schedule.calmAt + PATIENCE, () => problemsOf(world))
  if (unfinished !== undefined) return unfinished
  const restless = (await quiet(world, 'a Ready cloud')) ?? (schedule.seed % 8 === 0 ? await restart(world) : undefined)
  if (restless !== undefined) return restless
  if (schedule.ends) {
    world.perform({ kind: 'delete-cluster' })
    const left = await settle(world, clock.now() + PATIENCE, () => leftovers(world))
    if (left !== undefined) return left
  }
  return world.sins[0]
}

async function pass(world: World, ms: number): Promise<void> {
  const end = world.clock.now() + ms
  while (await world.clock.step(end));
}

/** Waits until nothing is wrong, nothing was written for a while, and no slow call is under way that may bring something new. Returns what is wrong. */
async function settle(world: World, deadline: number, problems: () => string[]): Promise<string | undefined> {
  for (;;) {
    const { writes } = world
    await pass(world, SETTLED)
    if (world.sins[0] !== undefined) return world.sins[0]
    const rests = world.writes === writes && world.outside.slowUntil <= world.clock.now()
    const [problem] = rests ? problems() : ['it does not come to rest']
    if (problem === undefined) return undefined
    if (world.clock.now() > deadline) return problem
  }
}

async function quiet(world: World, what: string): Promise<string | undefined> {
  const { writes } = world
  world.poke()
  await pass(world, world.schedule.long ? LONG : SHORT)
  return world.writes === writes ? problemsOf(world)[0] : `${what} is written to`
}

async function restart(world: World): Promise<string | undefined> {
  world.kill(0)
  return quiet(world, 'a Ready cloud, after a restart of the operator,')
}

/** Where a cloud is not what its resource says. */
function problemsOf(world: World): string[] {
  const { cluster } = world
  if (cluster === undefined) {
    // Somebody has deleted it, and wants it again.
    world.createCluster()
    return ['there was no cluster']
  }
  const ready = cluster.status?.conditions?.find(({ type }) => type === 'Ready')
  if (ready?.status !== 'True') return [`the cluster is not Ready: ${ready?.message}`]
  if (cluster.status?.observedGeneration !== cluster.metadata.generation) return ['the status is of an older generation']
  return [...unlikeWanted(world, cluster)]
}

/** Where what is there is not what a Ready cluster wants, or is more than that. */
export function* unlikeWanted(
  {
    api,
    outside,
    steps,
    schedule,
  }: Pick<World, 'outside' | 'steps'> & { readonly api: Pick<ModelApi, 'get' | 'list'>; readonly schedule: Pick<Schedule, 'spec'> },
  cluster: OpenStackCluster,
): Generator<string> {
  const { name, namespace } = cluster.metadata
  const live = (kind: string, object: string): KubeObject | undefined => api.get(resourceTypeOf(kind), namespace, object)
  const calls = new Map<string, OutsideCall>()
  const found = scopeOf({
    cluster,
    imageTags,
    operatorImage,
    live,
    nodes: api.list(nodes),
    namedSecrets: new Map(),
    pods: [],
    said: () => undefined,
    credentials: decode(live('Secret', credentialsSecretName(name))?.data),
    outside: (step, call) => {
      const asked = call ?? calls.get(step)
      if (asked === undefined) return undefined
      const { ready, data } = outside.answer(asked)
      return { ready, message: '', ...(data ? { data } : {}) }
    },
  })
  if ('waitsFor' in found) {
    yield `there is no ${found.waitsFor}`
    return
  }
  const all = steps(found.scope)
  for (const step of all) {
    const call = step.outside?.(found.scope)
    if (call !== undefined) calls.set(step.id, call)
  }
  const plan = makePlan(found.scope, all)
  for (const { id, state, message } of plan) if (state !== 'Ready') yield `${id} is ${state}: ${message}`
  for (const [id, call] of calls) if (outside.lacks(call) !== '') yield `${id}: ${outside.lacks(call)}`
  const wanted = [...serviceObjects({ ...cluster.metadata, spec: cluster.spec }), ...plan.flatMap(({ objects }) => objects)]
  for (const object of wanted) {
    const there = live(object.kind, object.metadata.name)
    const path = there === undefined ? 'is missing' : object.kind === 'Job' ? undefined : differs(object, there)
    if (path !== undefined) yield `${object.kind} ${object.metadata.name}: ${path}`
  }
  const names = new Set(wanted.map(keyOf))
  for (const object of ours(api, cluster.metadata)) {
    // Whoever takes this label from an object takes the object from the operator's sight.
    const isSeen = object.metadata.labels?.[labels.managedBy] !== undefined
    if (isSeen && !names.has(keyOf(object)) && !isKept(object)) yield `${keyOf(object)} is left over`
  }
  if (schedule.spec['deletionPolicy'] === 'Delete') {
    for (const { metadata } of api.list(persistentVolumeClaims, { namespace })) {
      const app = metadata.labels?.[labels.name] ?? ''
      if (metadata.ownerReferences === undefined && !names.has(`StatefulSet/${app}`) && !names.has(`PersistentVolumeClaim/${metadata.name}`))
        yield `the volume ${metadata.name} is left over`
    }
  }
}

/** What is there of a cloud that was deleted, and should not be. */
function leftovers({ api, cluster, schedule }: World): string[] {
  if (cluster !== undefined) return [`the cluster is still there: ${cluster.status?.conditions?.[0]?.message}`]
  const keeps = schedule.spec['deletionPolicy'] !== 'Delete'
  const left = [...ours(api, { name: NAME, namespace: NAMESPACE }), ...api.list(pods), ...api.list(persistentVolumeClaims)].find(
    (object) => !(keeps && isKept(object)),
  )
  if (left !== undefined) return [`${keyOf(left)} is left over`]
  return keeps && api.get(secrets, NAMESPACE, credentialsSecretName(NAME)) === undefined ? ['the credentials are gone'] : []
}

function ours(api: Pick<ModelApi, 'list'>, { name, namespace }: { readonly name: string; readonly namespace: string }): KubeObject[] {
  const types = Object.values(ResourceTypes).filter((type) => type !== pods && type !== events && type !== nodes)
  return types.flatMap((type) => api.list(type, { namespace })).filter((object) => matches(object, `${labels.partOf}=${name}`))
}

/** What outlives its cluster. */
function isKept({ kind, metadata }: KubeObject): boolean {
  return kind === 'PersistentVolumeClaim' || metadata.labels?.[labels.component] === 'credentials'
}

function keyOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.name}`
}
