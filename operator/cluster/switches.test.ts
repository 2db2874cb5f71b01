import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ServiceApi } from '../api/v1alpha1/service.ts'
import type { KubeObject } from '../kube/types.ts'
import * as registry from '../services/index.ts'
import { clusterOf, TestWorld } from './test-world.ts'

function volumes(enabled: boolean): Record<string, unknown> {
  return { services: { cinder: { enabled, backends: [{ name: 'nas', nfs: { shares: ['nas:/volumes'] } }] } } }
}

type Switch = readonly [what: string, off: Record<string, unknown>, objects: RegExp, steps: RegExp, on?: Record<string, unknown>]

const optional = Object.values(registry).filter((service: ServiceApi) => service.optional !== undefined)

/** What can be switched off: the spec, and the objects and steps that go with it. */
const switches: readonly Switch[] = [
  ...optional.map(({ name, title }): Switch => {
    const objects = new RegExp(`^(Deployment|Service)/${name}-[a-z-]+$|^Secret/${name}-config$|^Job/${name}-schema-`)
    const set = (enabled: boolean) => (name === 'cinder' ? volumes(enabled) : { services: { [name]: { enabled } } })
    return [title, set(false), objects, new RegExp(`^${name}/`), set(true)]
  }),
  [
    'the metadata service',
    { services: { nova: { metadata: { enabled: false } } } },
    /^(Deployment|Service)\/nova-metadata$|^DaemonSet\/neutron-metadata-agent$/,
    /^nova\/metadata$/,
  ],
  [
    'the cache, and with it the dashboard',
    { backing: { cache: { enabled: false } }, services: { horizon: { enabled: false } } },
    /^(Deployment|Service)\/(memcached|horizon-web)$|^Secret\/horizon-config$/,
    /^(memcached$|horizon\/)/,
  ],
  ['the coordination', { backing: { coordination: { enabled: false } } }, /^StatefulSet\/etcd$|^Service\/etcd(-nodes)?$/, /^etcd$/],
]

/** Every object of a cluster that is all there, by key; Services, which are the foundation's, are in the world already. */
function objectsOf(spec: Record<string, unknown>): Map<string, KubeObject> {
  const world = new TestWorld(clusterOf(spec))
  const wanted = world.plan().flatMap(({ objects }) => objects)
  return new Map([...world.live, ...wanted.map((object) => [`${object.kind}/${object.metadata.name}`, object] as const)])
}

const stepsOf = (spec: Record<string, unknown>): string[] => new TestWorld(clusterOf(spec)).plan().map(({ id }) => id)

for (const [what, off, objects, steps, on = {}] of switches) {
  test(`${what} goes with all that is its own when it is switched off, and no other pod changes`, () => {
    const [all, rest] = [objectsOf(on), objectsOf(off)]
    const gone = [...all.keys()].filter((key) => !rest.has(key))
    assert.ok(gone.length > 0)
    assert.deepEqual(
      gone.filter((key) => !objects.test(key)),
      [],
      'only its own objects go',
    )
    const goneSteps = stepsOf(on).filter((id) => !stepsOf(off).includes(id))
    assert.ok(goneSteps.length > 0)
    assert.deepEqual(
      goneSteps.filter((id) => !steps.test(id)),
      [],
    )
    for (const [key, { spec }] of rest) {
      if (!/^(Deployment|StatefulSet|DaemonSet)\//.test(key)) continue
      // The secrets of two worlds differ, and so do the hashes of what holds them; what pods consist of may not.
      assert.deepEqual(withoutHash(spec), withoutHash(all.get(key)?.spec), `${key} would restart`)
    }
  })
}

test('switching off and on writes nothing into the configuration of others, and what is made again is what was there', () => {
  const world = new TestWorld(clusterOf({}))
  const files = (keep: (key: string) => boolean) =>
    world
      .plan()
      .flatMap(({ objects: wanted }) => wanted)
      .filter(({ kind, metadata }) => kind === 'Secret' && keep(metadata.name))
      .map(({ metadata, data }) => [metadata.name, data])
  const before = files(() => true)
  const { services } = world.cluster.spec
  services.horizon.enabled = false
  services.nova.metadata.enabled = false
  assert.deepEqual(
    files(() => true),
    before.filter(([name]) => name !== 'horizon-config'),
  )
  services.horizon.enabled = true
  services.nova.metadata.enabled = true
  assert.deepEqual(
    files(() => true),
    before,
  )
})

test('another deletionPolicy touches nothing that is there', () => {
  const world = new TestWorld(clusterOf({}))
  const wanted = () => world.plan().flatMap(({ objects }) => objects)
  const before = wanted()
  world.cluster.spec.deletionPolicy = 'Delete'
  assert.deepEqual(wanted(), before)
})

function withoutHash(spec: unknown): unknown {
  return JSON.parse(JSON.stringify(spec), (key, value: unknown) => (key === 'annotations' ? undefined : value)) as unknown
}

test('a service that is off leaves the catalogue, and its database goes only where the data is to go', () => {
  const calls = (deletionPolicy: string) =>
    new TestWorld(clusterOf({ ...volumes(false), deletionPolicy }))
      .plan()
      .map(({ id }) => id)
      .filter((id) => id.startsWith('cinder/'))
  assert.deepEqual(calls('Retain'), ['cinder/unregistered'])
  assert.deepEqual(calls('Delete'), ['cinder/unregistered', 'cinder/dropped'])
})
