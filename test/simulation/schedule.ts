import { Dice } from './dice.ts'

/** One thing that happens to a cloud from outside of the operator. Times in ms. */
export type Action =
  | { readonly kind: 'crash'; readonly downFor: number }
  /** The operator dies right after a write, before it hears of it. */
  | { readonly kind: 'crash-after-writes'; readonly writes: number; readonly downFor: number }
  /** A person changes an object of ours, or takes it away. `chance` picks which and how. */
  | { readonly kind: 'edit' | 'delete' | 'break'; readonly chance: number }
  | { readonly kind: 'spec'; readonly change: SpecChange }
  /** `touch-credentials`: somebody writes to their Secret, and changes nothing that is in it. `compact`: all watches break, and their past is forgotten. */
  | { readonly kind: 'touch-credentials' | 'ask-again' | 'compact' | 'rival' }
  | { readonly kind: 'node'; readonly ready: boolean }
  | { readonly kind: 'delete-cluster' }

/** A merge patch of the spec, as a person would make it. */
export interface SpecChange {
  readonly what: string
  readonly patch: Readonly<Record<string, unknown>>
}

/** How likely each request or call fares ill during the storm, and times in ms. */
export interface Odds {
  readonly busy: number
  readonly error: number
  readonly lost: number
  readonly conflict: number
  readonly slow: number
  readonly lag: number
  readonly watchEnds: number
  readonly callFails: number
  readonly callSlow: number
  readonly jobFails: number
}

/** What has no share in any storm. */
export const noOdds: Odds = { busy: 0, error: 0, lost: 0, conflict: 0, slow: 0, lag: 20, watchEnds: 0, callFails: 0, callSlow: 0, jobFails: 0 }

/** What a cloud is like. */
export interface Shape {
  /** Which steps the cloud consists of, with all that they need; `undefined`: all. */
  readonly roots: RegExp | undefined
  readonly spec: Readonly<Record<string, unknown>>
  readonly nodes: number
  readonly pods: boolean
}

/** All that one run is made of. */
export interface Schedule extends Shape {
  readonly seed: number
  /** Whether what builders have made once is made again: they are pure, and a run without it takes longer. */
  readonly remembers: boolean
  /** Whether the cloud is Ready when it begins. */
  readonly warm: boolean
  readonly odds: Odds
  readonly actions: readonly (Action & { readonly at: number })[]
  /** When the storm ends, in ms after the start. */
  readonly calmAt: number
  /** Whether the calm cloud is watched for long enough to be checked for drift. */
  readonly long: boolean
  /** Whether the cloud is deleted in the end. */
  readonly ends: boolean
}

const small = /^(horizon|memcached|etcd|keystone|identity|.*\/(unregistered|dropped))/

/** Most clouds are small, so that many can be tried. */
const sizes: readonly [share: number, roots: RegExp | undefined][] = [
  [0.002, undefined],
  [0.007, /^(compute\/services|neutron\/agents|.*\/(unregistered|dropped))$/],
  [0.02, /^(placement|glance|bootstrap\/images|identity|.*\/(unregistered|dropped))/],
  [1, small],
]

const user = { name: 'somebody' }
const image = { name: 'guest', source: { containerImage: { image: 'guest', path: '/images/guest.qcow2' } } }

/** What a person may do to the spec. Each leaves it valid, whatever came before. */
const specChanges: readonly SpecChange[] = [
  { what: 'another image of Keystone', patch: { images: { overrides: { keystone: 'registry.example.com/keystone:2' } } } },
  { what: 'another image of MariaDB', patch: { images: { overrides: { mariadb: 'registry.example.com/mariadb:2' } } } },
  { what: 'the images of before', patch: { images: { overrides: null } } },
  { what: 'no dashboard', patch: { services: { horizon: { enabled: false } } } },
  { what: 'the dashboard', patch: { backing: { cache: { enabled: true } }, services: { horizon: { enabled: true } } } },
  { what: 'no cache and no dashboard', patch: { backing: { cache: { enabled: false } }, services: { horizon: { enabled: false } } } },
  { what: 'no coordination', patch: { backing: { coordination: { enabled: false } } } },
  { what: 'coordination', patch: { backing: { coordination: { enabled: true } } } },
  { what: 'two of Keystone', patch: { services: { keystone: { replicas: 2 } } } },
  { what: 'one of Keystone', patch: { services: { keystone: { replicas: 1 } } } },
  { what: 'longer tokens', patch: { services: { keystone: { tokenExpirationMinutes: 120 } } } },
  { what: 'another user', patch: { identity: { users: [user] } } },
  { what: 'no other user', patch: { identity: { users: [] }, bootstrap: { keyPairs: [] } } },
  { what: 'paused', patch: { paused: true } },
  { what: 'not paused', patch: { paused: false } },
]

const HOUR = 3_600_000

/** What a seed stands for. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed)
  const size = dice.random()
  const roots = sizes.find(([share]) => size < share)?.[1]
  const isStormy = dice.chance(0.85)
  const odd = (share: number, most: number) => (isStormy && dice.chance(share) ? dice.random() * most : 0)
  const odds: Odds = {
    busy: odd(0.3, 0.3),
    error: odd(0.3, 0.3),
    lost: odd(0.3, 0.2),
    conflict: odd(0.3, 0.3),
    slow: odd(0.3, 0.2),
    lag: dice.chance(0.3) ? dice.between(200, 8000) : 20,
    watchEnds: odd(0.4, 1),
    callFails: odd(0.4, 0.5),
    callSlow: odd(0.3, 0.3),
    jobFails: odd(0.3, 0.5),
  }
  const calmAt = dice.between(10_000, 80_000)
  const actions = Array.from({ length: isStormy ? dice.below(9) : 0 }, () => ({ ...actionOf(dice), at: dice.between(0, calmAt) }))
  return {
    seed,
    roots,
    warm: dice.chance(0.97),
    remembers: seed % 32 !== 0,
    spec: {
      ...(dice.chance(0.2) ? { deletionPolicy: 'Delete' } : {}),
      ...(dice.chance(0.3) ? { identity: { users: [user] }, bootstrap: { images: [image], keyPairs: [{ name: 'key', user: user.name }] } } : {}),
    },
    nodes: dice.between(1, 2),
    pods: dice.chance(0.2),
    odds,
    actions: actions.toSorted((a, b) => a.at - b.at),
    calmAt,
    long: dice.chance(0.04),
    ends: dice.chance(0.1),
  }
}

function actionOf(dice: Dice): Action {
  const downFor = dice.chance(0.5) ? dice.between(0, 2000) : dice.between(2000, 40_000)
  const sort = dice.random()
  if (sort < 0.15) return { kind: 'crash', downFor }
  if (sort < 0.4) return { kind: 'crash-after-writes', writes: dice.between(1, 40), downFor }
  if (sort < 0.65) return { kind: dice.pick(['edit', 'edit', 'delete', 'break'] as const), chance: dice.random() }
  if (sort < 0.87) return { kind: 'spec', change: dice.pick(specChanges) }
  if (sort < 0.94) return { kind: dice.pick(['touch-credentials', 'ask-again', 'compact', 'compact', 'rival'] as const) }
  if (sort < 0.97) return { kind: 'node', ready: dice.chance(0.3) }
  return { kind: 'delete-cluster' }
}

/** One without any fault, that brings a cloud up. */
export function calmSchedule({ roots, spec, nodes, pods }: Shape): Schedule {
  return { seed: 0, roots, spec, nodes, pods, warm: false, remembers: true, odds: noOdds, actions: [], calmAt: 0, long: false, ends: false }
}

/** A schedule in lines, for a person. */
export function describe({ seed, roots, spec, nodes, pods, warm, odds, actions, calmAt, long, ends }: Schedule): string[] {
  const ill = Object.entries(odds).filter(([, value]) => value > 0)
  return [
    `seed ${seed}: steps ${roots?.source ?? 'all'}, ${nodes} nodes${warm ? ', Ready' : ''}${pods ? ', with pods' : ''}${long ? ', watched for long' : ''}${ends ? ', deleted in the end' : ''}`,
    `spec ${JSON.stringify(spec)}`,
    `odds ${ill.map(([name, value]) => `${name} ${value.toFixed(2)}`).join(', ')}`,
    // oxlint-disable-next-line no-unused-vars -- what is left of an action without its time
    ...actions.map(({ at, ...action }) => `at ${(at / 1000).toFixed(1)} s: ${JSON.stringify(action)}`),
    `at ${(calmAt / 1000).toFixed(1)} s: all is calm`,
  ]
}

/** Longest time from the calm to a Ready cloud, in ms: every wait of the operator is far shorter. */
export const PATIENCE = HOUR / 2
