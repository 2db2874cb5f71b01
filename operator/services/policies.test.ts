import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { clusterOf, TestWorld } from '../cluster/test-world.ts'
import { nova } from './nova/index.ts'

/** A file of a service, as its Secret would hold it. */
function fileOf(world: TestWorld, service: string, file: string): string | undefined {
  const objects = world.plan().flatMap((step) => step.objects)
  const config = objects.find(({ kind, metadata }) => kind === 'Secret' && metadata.name === `${service}-config`)
  const text = config?.data?.[file]
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString()
}

/** The section [oslo_policy] of an INI file. */
function policySection(text = ''): Record<string, string> {
  const [, section = ''] = text.split('[oslo_policy]\n')
  const lines = section.split('\n\n')[0]?.split('\n') ?? []
  return Object.fromEntries(lines.filter((line) => line.includes(' = ')).map((line) => line.split(' = ') as [string, string]))
}

const files = {
  keystone: 'keystone.conf',
  glance: 'glance-api.conf',
  placement: 'placement.conf',
  nova: 'nova.conf',
  neutron: 'neutron.conf',
  cinder: 'cinder.conf',
}

test('the new default roles hold wherever the release can do them', () => {
  const world = new TestWorld(clusterOf({ services: { cinder: { enabled: true, backends: [{ name: 'disks', lvm: {} }] } } }))
  const found = Object.entries(files).map(([service, file]) => {
    const { enforce_new_defaults: defaults, enforce_scope: scope } = policySection(fileOf(world, service, file))
    return [service, defaults, scope]
  })
  assert.deepEqual(found, [
    ['keystone', 'true', 'true'],
    ['glance', 'true', 'true'],
    ['placement', 'false', 'false'],
    ['nova', 'true', 'true'],
    ['neutron', 'true', 'false'],
    ['cinder', 'true', 'true'],
  ])
  assert.match(fileOf(world, 'glance', 'glance-api.conf') ?? '', /^enforce_secure_rbac = true$/m)
})

test('administrators may look after the security groups of projects, and readers may only look', () => {
  const policies = load(fileOf(new TestWorld(), 'neutron', 'policy.yaml') ?? '') as Record<string, string>
  assert.equal(policies['create_security_group_rule'], 'rule:admin_only or (role:member and project_id:%(project_id)s)')
  assert.equal(
    policies['create_subnet'],
    'rule:admin_only or (role:member and (project_id:%(project_id)s or rule:network_owner))',
    'who only reads makes no subnet',
  )
  assert.equal(policies['get_network:router:external'], 'rule:admin_only or role:reader', 'projects find the networks that floating IPs come from')
  assert.equal(policies['get_security_group'], 'rule:admin_only or (role:reader and project_id:%(project_id)s)')
})

/** A cloud with policies, and perhaps roles, in its spec. */
const worldWith = (policies: Record<string, Record<string, string>>, roles: { name: string }[] = []) =>
  new TestWorld(clusterOf({ policies, identity: { roles } }))
const stepOf = (world: TestWorld, id: string) => world.plan().find((step) => step.id === id)
const create = 'os_compute_api:servers:create'

/** The template of each Deployment's pods, by name. */
function templates(world: TestWorld): Map<string, unknown> {
  const deployments = world.plan().flatMap(({ objects }) => objects.filter(({ kind }) => kind === 'Deployment'))
  return new Map(deployments.map(({ metadata, spec }) => [metadata.name, (spec as { template: unknown }).template]))
}

test('policies of a service change the pods of its APIs and those of the dashboard, which heeds them, and no others', () => {
  const world = new TestWorld()
  const before = templates(world)
  world.cluster.spec.policies.nova = { [create]: 'role:member' }
  const after = templates(world)
  const changed = [...after].filter(([name, template]) => JSON.stringify(template) !== JSON.stringify(before.get(name))).map(([name]) => name)
  assert.deepEqual(changed.toSorted(), ['horizon-web', 'nova-api', 'nova-metadata'])
  assert.deepEqual(load(fileOf(world, 'horizon', 'nova_policy.yaml') ?? ''), { ...nova.policies, [create]: 'role:member' })
})

test('the configuration waits until the service itself has read the policies', () => {
  const world = worldWith({ nova: { [create]: 'role:member' } })
  const [job] = stepOf(world, 'nova/policies')?.objects.filter(({ kind }) => kind === 'Job') ?? []
  assert.match(JSON.stringify(job), /oslopolicy-validator --namespace nova/)
  assert.deepEqual(stepOf(world, 'nova/config')?.waitsFor, ['nova/policies'])
  world.act(world.plan())
  world.makeReady(`Job/${job?.metadata.name}`)
  assert.deepEqual(stepOf(world, 'nova/config')?.waitsFor, [])
  assert.deepEqual(load(fileOf(world, 'nova', 'policy.yaml') ?? ''), { ...nova.policies, [create]: 'role:member' })
})

test('a service that runs keeps the policies that it has until new ones are accepted, and all its steps go on', () => {
  const world = new TestWorld()
  world.act(world.plan())
  world.cluster.spec.policies.nova = { [create]: 'role:member and' }
  assert.equal(stepOf(world, 'nova/policies')?.state, 'Failed')
  assert.deepEqual([stepOf(world, 'nova/config')?.state, stepOf(world, 'nova/config')?.changes], ['Ready', []])
  world.cluster.spec.policies.nova = { [create]: 'role:member' }
  assert.deepEqual(stepOf(world, 'nova/config')?.changes, [], 'not before the Job has ended')
  world.act(world.plan())
  const [job] = stepOf(world, 'nova/policies')?.objects.filter(({ kind }) => kind === 'Job') ?? []
  world.makeReady(`Job/${job?.metadata.name}`)
  assert.equal(stepOf(world, 'nova/config')?.changes.length, 1)
  world.act(world.plan())
  world.cluster.spec.policies.nova = { [create]: 'role:nobody-has-it' }
  assert.deepEqual(load(fileOf(world, 'nova', 'policy.yaml') ?? ''), { ...nova.policies, [create]: 'role:member' }, 'the last accepted ones stay')
  delete world.cluster.spec.policies.nova
  assert.deepEqual(load(fileOf(world, 'nova', 'policy.yaml') ?? ''), nova.policies, 'none are wanted, so there are none but our own')
})

test('a rule that cannot be read is named, and nothing of the service is touched', () => {
  const world = worldWith({ nova: { [create]: 'role:member and' } })
  const step = stepOf(world, 'nova/policies')
  assert.deepEqual([step?.state, step?.problem?.reason], ['Failed', 'InvalidSpec'])
  assert.match(step?.message ?? '', /^policies\.nova\[os_compute_api:servers:create\]: "role:member and" is no rule, .*; correct it or take it out/)
  for (const { id, changes } of world.plan().filter((each) => each.id.startsWith('nova/'))) assert.deepEqual(changes, [], id)
  assert.notDeepEqual(stepOf(world, 'glance/config')?.changes, [])
})

test('roles that are neither declared nor there from the start are asked for at Keystone', () => {
  const rule = 'role:Member or role:operator or role:visitor'
  const world = worldWith({ nova: { [create]: rule } }, [{ name: 'Operator' }])
  assert.deepEqual(stepOf(world, 'nova/policies')?.waitsFor, ['keystone/api'])
  assert.deepEqual(stepOf(worldWith({ nova: { [create]: 'role:Member or role:OPERATOR' } }, [{ name: 'Operator' }]), 'nova/policies')?.waitsFor, [])
})

test('Keystone’s own policies are asked about only where it runs already', () => {
  const world = worldWith({ keystone: { 'identity:list_users': 'role:visitor' } })
  assert.equal(stepOf(world, 'keystone/policies')?.call, undefined)
  world.apply({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'keystone-api' }, spec: {} })
  assert.deepEqual(stepOf(world, 'keystone/policies')?.call, {
    kind: 'policy-roles',
    want: [{ policy: 'policies.keystone[identity:list_users]', role: 'visitor' }],
  })
})

test('a policy of the spec stands in the place of the operator’s own', () => {
  const policies = load(fileOf(worldWith({ neutron: { create_security_group: 'role:admin' } }), 'neutron', 'policy.yaml') ?? '') as Record<string, string>
  assert.equal(policies['create_security_group'], 'role:admin')
  assert.match(policies['delete_security_group'] ?? '', /^rule:admin_only or/)
})
