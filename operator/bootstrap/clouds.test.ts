import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { clusterOf, TestWorld } from '../cluster/test-world.ts'

const identity = {
  domains: [{ name: 'Customers' }],
  projects: [{ name: 'shop', domain: 'Customers' }],
  groups: [{ name: 'buyers', domain: 'Customers', roles: [{ role: 'member', project: 'shop' }] }],
  users: [
    { name: 'by-group', domain: 'Customers', groups: ['buyers'] },
    { name: 'of-domain', roles: [{ role: 'admin', domain: 'Customers' }] },
    { name: 'of-system', roles: [{ role: 'reader', system: 'all' }] },
    {
      name: 'of-both',
      roles: [
        { role: 'reader', system: 'all' },
        { role: 'reader', project: 'shop' },
      ],
    },
    { name: 'nobody' },
  ],
}

/** The `auth` of a user's clouds.yaml, and the variables of the openrc. */
function accessOf(user: string): { auth: Record<string, string>; openrc: string } {
  const objects = new TestWorld(clusterOf({ identity })).plan().flatMap((step) => step.objects)
  const data = objects.find(({ metadata }) => metadata.name === `teruwa-user-${user}`)?.data ?? {}
  const text = (key: string) => Buffer.from(data[key] ?? '', 'base64').toString()
  const { clouds } = load(text('clouds.yaml')) as { clouds: { teruwa: { auth: Record<string, string> } } }
  return { auth: clouds.teruwa.auth, openrc: text('openrc') }
}

const scopeOf = (user: string): Record<string, string> =>
  Object.fromEntries(Object.entries(accessOf(user).auth).filter(([name]) => !['auth_url', 'username', 'password', 'user_domain_name'].includes(name)))

test('a user without a default project gets tokens for what its roles, or those of its groups, are on', () => {
  assert.deepEqual(scopeOf('by-group'), { project_name: 'shop', project_domain_name: 'Customers' })
  assert.deepEqual(scopeOf('of-domain'), { domain_name: 'Customers' })
  assert.deepEqual(scopeOf('of-system'), { system_scope: 'all' })
  assert.deepEqual(scopeOf('of-both'), { project_name: 'shop', project_domain_name: 'Customers' })
  assert.deepEqual(scopeOf('nobody'), {})
})

test('openrc says the same in variables', () => {
  const { auth, openrc } = accessOf('by-group')
  for (const [name, value] of Object.entries(auth)) assert.ok(openrc.includes(`export OS_${name.toUpperCase()}='${value}'\n`), `${name} in ${openrc}`)
  assert.match(accessOf('of-system').openrc, /^export OS_SYSTEM_SCOPE='all'$/m)
})
