// Objects and patches by chance, of the sorts that the operator and people write. Fields that the server has a default for are always set: those are not
// what is tested here, but for the OpenStackCluster's.

import { apiVersion, kind, labels } from '../../operator/api/v1alpha1/index.ts'
import { openStackClusters } from '../../operator/cluster/watches.ts'
import { ResourceTypes } from '../../operator/kube/resources.ts'
import type { KubeObject, ResourceType } from '../../operator/kube/types.ts'
import type { Dice } from '../simulation/dice.ts'

const { secrets } = ResourceTypes
const base64 = (text: string) => Buffer.from(text).toString('base64')

export function nameOf({ kind: typeKind }: ResourceType): string {
  return typeKind.toLowerCase()
}

function some<T>(dice: Dice, values: readonly T[], share = 0.5): T[] {
  return values.filter(() => dice.chance(share))
}

function shuffled<T>(dice: Dice, values: readonly T[]): T[] {
  return values
    .map((value) => ({ value, order: dice.random() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ value }) => value)
}

/** A field that is left out where nothing would be in it: some kinds keep an empty map, others do not. */
function filled<T extends object>(field: string, value: T): Record<string, T> {
  return Object.keys(value).length === 0 ? {} : { [field]: value }
}

const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: `owner-${uid}`, uid })

/** An object as somebody wants it. */
export function configOf(type: ResourceType, dice: Dice, namespace: string): KubeObject {
  const metadata = {
    name: nameOf(type),
    namespace,
    ...filled('labels', { ...(dice.chance(0.7) ? { [labels.managedBy]: 'teruwa' } : {}), ...(dice.chance(0.5) ? { color: dice.pick(['red', 'blue']) } : {}) }),
    ...filled('annotations', Object.fromEntries(some(dice, ['one', 'two', 'three'], 0.3).map((each) => [each, String(dice.below(2))]))),
    ...filled('ownerReferences', some(dice, ['a', 'b'], 0.2).map(owner)),
    ...(dice.chance(0.1) ? { finalizers: ['example.com/finalizer'] } : {}),
  }
  if (type === openStackClusters) return { apiVersion, kind, metadata, spec: specOf(dice) }
  if (type !== secrets) return { apiVersion: type.apiVersion, kind: type.kind, metadata, spec: deploymentSpec(dice) }
  const data = Object.fromEntries(some(dice, ['a', 'b', 'c', 'd.conf']).map((key) => [key, base64(`${dice.below(3)}`)]))
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', ...filled('data', data) }
}

function specOf(dice: Dice): Record<string, unknown> {
  return {
    ...(dice.chance(0.3) ? { paused: dice.chance(0.5) } : {}),
    ...(dice.chance(0.5)
      ? { images: { overrides: Object.fromEntries(some(dice, ['keystone', 'nova'], 0.7).map((name) => [name, `example.com/${name}:1`])) } }
      : {}),
    ...(dice.chance(0.5) ? { identity: { users: shuffled(dice, some(dice, ['ann', 'bob', 'cleo'])).map((name) => ({ name })) } } : {}),
    services: { keystone: { replicas: dice.between(1, 3) } },
  }
}

function deploymentSpec(dice: Dice): Record<string, unknown> {
  const env = shuffled(dice, some(dice, ['A', 'B', 'C', 'D'])).map((name) => ({ name, value: String(dice.between(1, 3)) }))
  const mounts = some(dice, ['/one', '/two']).map((mountPath, index) => ({ mountPath, name: index === 0 ? 'first' : 'second' }))
  const container = (name: string) => ({
    name,
    image: `example.com/${name}:${dice.below(2)}`,
    imagePullPolicy: 'IfNotPresent',
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    ...(env.length > 0 ? { env } : {}),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...filled('args', some(dice, ['x', 'y', 'z'], 0.4)),
  })
  return {
    progressDeadlineSeconds: 600,
    revisionHistoryLimit: 2,
    replicas: dice.between(0, 3),
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
    selector: { matchLabels: { app: 'one' } },
    template: {
      metadata: { labels: { app: 'one', ...(dice.chance(0.3) ? { color: 'red' } : {}) } },
      spec: {
        dnsPolicy: 'ClusterFirst',
        restartPolicy: 'Always',
        schedulerName: 'default-scheduler',
        securityContext: {},
        terminationGracePeriodSeconds: 30,
        containers: shuffled(dice, ['main', ...some(dice, ['side', 'more'], 0.3)]).map(container),
        volumes: ['first', 'second'].map((name) => ({ name, emptyDir: {} })),
        ...(dice.chance(0.3) ? { nodeSelector: { [dice.pick(['disk', 'zone'])]: 'fast' } } : {}),
      },
    },
  }
}

/** What another controller sets in an object of ours. */
export function partOf(type: ResourceType, dice: Dice, namespace: string): KubeObject {
  const object = configOf(type, dice, namespace)
  if (type === secrets) return object
  const env = some(dice, ['A', 'OTHER']).map((name) => ({ name, value: String(dice.below(3)) }))
  const spec = { template: { spec: { containers: [{ name: 'main', ...filled('env', env) }] } } }
  return { ...object, spec }
}

/** A merge patch as a person makes one. */
export function patchOf(type: ResourceType, dice: Dice): Record<string, unknown> {
  const sort = dice.random()
  if (sort < 0.15) return { metadata: { labels: { [labels.managedBy]: dice.pick([null, 'teruwa', 'somebody']) } } }
  if (sort < 0.3) return { metadata: { annotations: { one: dice.pick([null, '0', '7']), somebodys: '1' } } }
  if (sort < 0.4) return { metadata: { ownerReferences: dice.pick([null, [owner('a')], [owner('c')]]) } }
  if (sort < 0.5) return { metadata: { finalizers: dice.pick([null, null, ['example.com/finalizer']]) } }
  if (type === openStackClusters) return { spec: specOf(dice) }
  if (type === secrets) return { data: dice.pick([{ a: null }, { a: base64('9') }, { somebodys: base64('1') }]) }
  return {
    spec: dice.pick([
      { replicas: dice.below(5) },
      { template: { spec: { nodeSelector: dice.pick([null, { disk: 'slow' }]) } } },
      { template: { metadata: { labels: { color: dice.pick([null, 'blue']) } } } },
    ]),
  }
}

/** A status as the operator writes it, with the parts of it that are lists in any order. */
export function statusOf(dice: Dice, namespace: string): KubeObject {
  const time = `2030-01-01T00:00:0${dice.below(3)}Z`
  const condition = (type: string) => ({ type, status: dice.pick(['True', 'False']), reason: 'Chance', message: '', lastTransitionTime: time })
  const step = (id: string) => ({ id, state: dice.pick(['Ready', 'Waiting']), ...filled('waitsFor', some(dice, ['a', 'b'], 0.2)) })
  const status = {
    observedGeneration: dice.between(1, 3),
    conditions: some(dice, ['Ready', 'Progressing', 'Degraded'], 0.8).map(condition),
    steps: shuffled(dice, some(dice, ['a', 'b', 'c', 'd', 'e'], 0.6)).map(step),
    ...(dice.chance(0.5) ? { release: 'zed' } : {}),
  }
  return { apiVersion, kind, metadata: { name: nameOf(openStackClusters), namespace }, status }
}
