import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stepsOf } from '../cluster/graph.ts'
import { clusterOf, nodeOf, TestWorld } from '../cluster/test-world.ts'
import type { KubeObject } from '../kube/types.ts'
import type { Scope } from '../model/scope.ts'
import { chronyConf, timeSteps } from './time.ts'

const scopeOf = (timeSync: object): Scope => new TestWorld(clusterOf({ timeSync })).scope()
const monitor = { mode: 'Monitor', servers: ['ntp1', '10.0.0.1'] }

const pod = (node: string, podIP: string, more: Partial<KubeObject['metadata']> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `chrony-${node}`, ...more },
  spec: { nodeName: node },
  status: { phase: 'Running', podIP },
})

function containerOf(scope: Scope): { spec: Record<string, unknown>; container: Record<string, unknown> } {
  const [step] = timeSteps(scope)
  const daemonSet = step?.objects?.(scope).find(({ kind }) => kind === 'DaemonSet')
  assert.ok(daemonSet)
  const { template } = daemonSet.spec as { template: { spec: Record<string, unknown> & { containers: Record<string, unknown>[] } } }
  const [container] = template.spec.containers
  assert.ok(container)
  return { spec: template.spec, container }
}

test('switching it on and off changes no object of anything else', () => {
  const scope = new TestWorld().scope()
  const objectsWith = (timeSync: object) => {
    const { spec } = clusterOf({ timeSync })
    const changed = { ...scope, spec }
    return stepsOf(changed).flatMap((step) => step.objects?.(changed) ?? [])
  }
  const off = objectsWith({})
  const on = objectsWith(monitor)
  const isTime = ({ metadata }: KubeObject) => metadata.name.startsWith('chrony')
  assert.deepEqual(
    on.filter(isTime).map(({ kind, metadata }) => `${kind}/${metadata.name}`),
    ['Secret/chrony-config', 'DaemonSet/chrony'],
  )
  assert.deepEqual(
    on.filter((object) => !isTime(object)),
    off,
  )
})

test('Monitor needs no right of any kind, Synchronize only that to set the clock', () => {
  const measured = containerOf(scopeOf(monitor))
  assert.deepEqual(measured.container['args'], ['chronyd', '-d', '-x', '-U', '-u', 'teruwa', '-f', '/etc/chrony/chrony.conf'])
  assert.deepEqual(measured.container['securityContext'], {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  const set = containerOf(scopeOf({ ...monitor, mode: 'Synchronize' }))
  assert.ok(!(set.container['args'] as string[]).includes('-x'))
  assert.deepEqual(set.container['securityContext'], {
    runAsNonRoot: false,
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'], add: ['SYS_TIME'] },
  })
  for (const { spec } of [measured, set]) assert.equal(spec['hostNetwork'], undefined, "the host's own chronyd has its ports")
})

test('the configuration: every server, no server for others, and steps only where the clock is set', () => {
  const conf = chronyConf({ mode: 'Monitor', servers: ['ntp1', 'fd00::1'] }).split('\n')
  assert.deepEqual(conf.slice(0, 3), ['server ntp1 iburst minpoll 4 maxpoll 5', 'server fd00::1 iburst minpoll 4 maxpoll 5', 'port 0'])
  assert.ok(!conf.some((line) => /^(makestep|rtcsync)/.test(line)))
  assert.match(chronyConf({ mode: 'Synchronize', servers: ['ntp1'] }), /^makestep 1 3$/m)
})

test('each chronyd that runs is asked, by its pod', () => {
  const scope = scopeOf({ ...monitor, maxOffsetMilliseconds: 100 })
  const pods = [pod('node-2', '10.1.0.2'), pod('node-1', '10.1.0.1'), pod('node-3', '10.1.0.3', { deletionTimestamp: '2026-01-01T00:00:00Z' })]
  const want = {
    chronyds: [
      { node: 'node-1', address: '10.1.0.1' },
      { node: 'node-2', address: '10.1.0.2' },
    ],
    servers: ['ntp1', '10.0.0.1'],
    mode: 'Monitor',
    maxOffsetMilliseconds: 100,
  }
  assert.equal(timeSteps(scope)[0]?.outside?.(scope), undefined, 'none runs yet')
  const seen = { ...scope, pods: () => pods }
  assert.deepEqual(timeSteps(seen)[0]?.outside?.(seen), { kind: 'time', want })
})

test('nodeSelector says which nodes; none of them is a problem that names it', () => {
  const scope = scopeOf({ ...monitor, nodeSelector: { clock: 'mine' } })
  const { spec } = containerOf(scope)
  assert.match(JSON.stringify(spec['affinity']), /"matchExpressions":\[\{"key":"clock","operator":"In","values":\["mine"\]\}\]/)
  assert.deepEqual(timeSteps(scope)[0]?.problem?.(scope), {
    reason: 'NoTimeSyncNode',
    message: 'no node has the labels of timeSync.nodeSelector: kubectl label node NODE clock=mine',
  })
  const labelled = { ...scope, nodes: [nodeOf('node-1', { clock: 'mine' })] }
  assert.equal(timeSteps(labelled)[0]?.problem?.(labelled), undefined)
  const { spec: usual } = containerOf(scopeOf(monitor))
  assert.match(JSON.stringify(usual['affinity']), /openstack\.teruwa\.io\/hypervisor.*openstack\.teruwa\.io\/network/)
})
