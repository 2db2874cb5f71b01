import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { clusterOf, nodeOf, TestWorld } from '../cluster/test-world.ts'
import type { KubeObject } from '../kube/types.ts'
import { readingNodeFile } from './node-overrides.ts'

const roles = { 'openstack.teruwa.io/hypervisor': '', 'openstack.teruwa.io/network': '' }
const entry = (name: string, nodeSelector: Record<string, string>, value: string) => ({
  name,
  nodeSelector,
  nova: { 'nova-compute.conf': { DEFAULT: { max_concurrent_live_migrations: value } } },
})
const fast = entry('fast', { disk: 'nvme' }, '4')

function worldOf(...nodeOverrides: object[]): TestWorld {
  const world = new TestWorld(clusterOf({ nodeOverrides }))
  world.nodes = [nodeOf('node-1', { ...roles, disk: 'nvme', rack: 'a' }), nodeOf('node-2', { ...roles, disk: 'sata', rack: 'a' })]
  return world
}

function find(world: TestWorld, kind: string, name: string): KubeObject | undefined {
  return world
    .plan()
    .flatMap(({ objects }) => objects)
    .find((each) => each.kind === kind && each.metadata.name === name)
}

function fileOf(world: TestWorld, app: string, node: string): string {
  return Buffer.from(find(world, 'Secret', `${app}-nodes`)?.data?.[node] ?? '', 'base64').toString()
}

const daemonSets = (world: TestWorld) =>
  new Map(
    world
      .plan()
      .flatMap(({ objects }) => objects)
      .filter(({ kind }) => kind === 'DaemonSet')
      .map(({ metadata, spec }) => [metadata.name, spec]),
  )

test('a node gets what its labels say and another one gets nothing; what reads no such file is as it was', () => {
  const world = worldOf(fast)
  assert.equal(fileOf(world, 'nova-compute', 'node-1'), '# spec.nodeOverrides, for this node\n[DEFAULT]\nmax_concurrent_live_migrations = 4\n')
  assert.equal(fileOf(world, 'nova-compute', 'node-2'), '# spec.nodeOverrides, for this node\n')
  const changed = daemonSets(world)
  world.cluster.spec.nodeOverrides = []
  const before = daemonSets(world)
  assert.deepEqual(
    [...changed].filter(([name, spec]) => JSON.stringify(spec) !== JSON.stringify(before.get(name))).map(([name]) => name),
    ['nova-compute'],
  )
})

test('once there is an entry, another one and other labels change the files of nodes and the template of no pod', () => {
  const world = worldOf(fast)
  const before = daemonSets(world)
  world.cluster.spec.nodeOverrides.push(
    ...clusterOf({ nodeOverrides: [{ ...entry('rack', { rack: 'a' }, '4'), nova: { 'nova-compute.conf': { libvirt: { cpu_mode: 'maximum' } } } }] }).spec
      .nodeOverrides,
  )
  world.nodes[1] = nodeOf('node-2', { ...roles, disk: 'nvme', rack: 'a' })
  assert.deepEqual(daemonSets(world), before)
  assert.match(fileOf(world, 'nova-compute', 'node-2'), /max_concurrent_live_migrations = 4\n\n\[libvirt\]\ncpu_mode = maximum\n/)
})

test('an agent gets what is for all agents and then what is for its own file, and each kind only its own', () => {
  const world = worldOf({
    name: 'debug',
    nodeSelector: { rack: 'a' },
    neutron: { 'dhcp_agent.ini': { DEFAULT: { debug: 'false', num_sync_threads: '1' } }, 'agent.conf': { DEFAULT: { debug: 'true' } } },
  })
  assert.match(fileOf(world, 'neutron-dhcp-agent', 'node-2'), /\[DEFAULT\]\ndebug = false\nnum_sync_threads = 1\n/)
  assert.match(fileOf(world, 'neutron-linuxbridge-agent', 'node-2'), /\[DEFAULT\]\ndebug = true\n$/)
  assert.equal(find(world, 'Secret', 'nova-compute-nodes'), undefined)
  const args = JSON.stringify(daemonSets(world).get('neutron-linuxbridge-agent'))
  assert.match(args, /linuxbridge_agent\.ini \\"\$@\\"/, 'the file of the node reaches the agent behind its start script')
})

test('two entries that contradict each other for a node are refused with both names, and nothing that runs is touched', () => {
  const world = worldOf(fast)
  world.settle()
  world.cluster.spec.nodeOverrides.push(...clusterOf({ nodeOverrides: [entry('rack-a', { rack: 'a' }, '2')] }).spec.nodeOverrides)
  const plan = world.plan()
  const failed = plan.filter(({ state }) => state === 'Failed')
  assert.deepEqual(
    failed.map(({ id, problem }) => [id, problem?.reason]),
    [['compute/nova-compute', 'Contradiction']],
  )
  assert.equal(
    failed[0]?.message,
    'nodeOverrides: fast and rack-a both fit node node-1, and set DEFAULT.max_concurrent_live_migrations of nova-compute.conf to "4" and to "2": change one of them, or its nodeSelector; what runs is unchanged',
  )
  assert.deepEqual(
    plan.flatMap(({ changes }) => changes),
    [],
  )
  world.nodes[0] = nodeOf('node-1', { ...roles, disk: 'sata', rack: 'a' })
  assert.deepEqual(
    world.plan().filter(({ state }) => state === 'Failed'),
    [],
    'no node is fitted by both any more',
  )
  assert.match(fileOf(world, 'nova-compute', 'node-1'), /max_concurrent_live_migrations = 2\n/)
})

test('entries that say the same do not contradict each other', () => {
  assert.deepEqual(
    worldOf(fast, entry('rack-a', { rack: 'a' }, '4'))
      .plan()
      .filter(({ state }) => state === 'Failed'),
    [],
  )
})

test('in the pod: the process waits for its node’s file, reads it last, and ends when it changes', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'node-file-'))
  context.after(() => rm(folder, { recursive: true }))
  const process = readingNodeFile(
    { image: 'i', args: ['bash', '-c', 'echo "$@"; cat "${2#*=}"; exec sleep 600', 'program', '--config-file=/etc/program.conf'] },
    { name: 'app-nodes', files: {} },
  )
  const [shell = '', ...args] = process.args.map((arg) =>
    arg
      .replaceAll('/etc/teruwa/nodes', folder)
      .replaceAll('/tmp/node.conf', join(folder, 'read'))
      .replaceAll('/dev/termination-log', '/dev/null')
      .replaceAll('sleep 5;', 'sleep 0.1;'),
  )
  const child = spawn(shell, args, { env: { PATH: '/usr/bin:/bin', OS_DEFAULT__HOST: 'node-1' }, stdio: ['ignore', 'pipe', 'pipe'] })
  context.after(() => child.kill('SIGKILL'))
  const [waits] = (await once(createInterface({ input: child.stderr }), 'line')) as [string]
  assert.match(waits, /waits for its part of spec\.nodeOverrides/)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  await writeFile(join(folder, 'node-1'), 'debug = true\n')
  assert.equal((await lines.next()).value, `--config-file=/etc/program.conf --config-file=${join(folder, 'read')}`)
  assert.equal((await lines.next()).value, 'debug = true')
  const ended = once(child, 'exit')
  await writeFile(join(folder, 'node-1'), 'debug = false\n')
  assert.deepEqual(await ended, [null, 'SIGTERM'])
})
