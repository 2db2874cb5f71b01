import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { TestWorld } from '../cluster/test-world.ts'

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

const files = { keystone: 'keystone.conf', glance: 'glance-api.conf', placement: 'placement.conf', nova: 'nova.conf', neutron: 'neutron.conf' }

test('the new default roles hold wherever the release can do them', () => {
  const world = new TestWorld()
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
  ])
  assert.match(fileOf(world, 'glance', 'glance-api.conf') ?? '', /^enforce_secure_rbac = true$/m)
})

test('administrators may look after the security groups of projects, and readers may only look', () => {
  const policies = load(fileOf(new TestWorld(), 'neutron', 'policy.yaml') ?? '') as Record<string, string>
  assert.equal(policies['create_security_group_rule'], 'rule:admin_only or (role:member and project_id:%(project_id)s)')
  assert.equal(policies['get_security_group'], 'rule:admin_only or (role:reader and project_id:%(project_id)s)')
})
