import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterOf, TestWorld } from '../cluster/test-world.ts'
import { identityWant, keyPairWants, quotaWants, securityGroupWants, serverWants } from './wants.ts'

const identity = {
  projects: [{ name: 'p', domain: 'Customers' }],
  users: [
    {
      name: 'u',
      project: 'p',
      roles: [
        { role: 'member', project: 'p' },
        { role: 'reader', system: 'all' },
      ],
    },
  ],
}

test('a name is completed by the domain of the declared project', () => {
  const want = identityWant(new TestWorld(clusterOf({ identity })).scope())
  assert.equal(want.users?.[0]?.projectDomain, 'Customers')
  assert.equal(want.users[0].password?.length, 48)
  assert.deepEqual(want.roleAssignments, [
    { user: 'u', userDomain: 'Default', role: 'member', project: 'p', projectDomain: 'Customers' },
    { user: 'u', userDomain: 'Default', role: 'reader', system: 'all' },
  ])
})

test('groups bring their roles, and users their memberships', () => {
  const groups = [{ name: 'auditors', domain: 'Customers', roles: [{ role: 'reader', domain: 'Customers' }] }]
  const want = identityWant(new TestWorld(clusterOf({ identity: { groups, users: [{ name: 'u', groups: ['auditors', 'others'] }] } })).scope())
  assert.deepEqual(want.groups, [{ name: 'auditors', domain: 'Customers' }])
  assert.deepEqual(want.memberships, [
    { user: 'u', userDomain: 'Default', group: 'auditors', groupDomain: 'Customers' },
    { user: 'u', userDomain: 'Default', group: 'others', groupDomain: 'Default' },
  ])
  assert.deepEqual(want.roleAssignments, [{ group: 'auditors', groupDomain: 'Customers', role: 'reader', domain: 'Customers' }])
})

test('quotas are those of the projects that declare some, and are none of Keystone’s business', () => {
  const projects = [{ name: 'p', domain: 'Customers', quotas: { compute: { instances: 3 } } }, { name: 'q' }]
  const scope = new TestWorld(clusterOf({ identity: { projects } })).scope()
  assert.deepEqual(quotaWants(scope), [{ project: 'p', projectDomain: 'Customers', quotas: { compute: { instances: 3 } } }])
  assert.deepEqual(identityWant(scope).projects, [
    { name: 'p', domain: 'Customers' },
    { name: 'q', domain: 'Default' },
  ])
})

test('rules are put together by project and group', () => {
  const securityGroupRules = [
    { project: 'p', protocol: 'icmp' },
    { project: 'p', group: 'web', protocol: 'tcp', portMin: 80 },
    { project: 'p', protocol: 'tcp', portMin: 22 },
  ]
  const wants = securityGroupWants(new TestWorld(clusterOf({ bootstrap: { securityGroupRules } })).scope())
  assert.deepEqual(
    wants.map(({ name, rules }) => [name, rules.map(({ protocol }) => protocol)]),
    [
      ['default', ['icmp', 'tcp']],
      ['web', ['tcp']],
    ],
  )
})

test('a key pair without a key gets the public half of the one that the operator made, and always the same', () => {
  const scope = new TestWorld(clusterOf({ identity, bootstrap: { keyPairs: [{ name: 'k', user: 'u' }] } })).scope()
  const [pair] = keyPairWants(scope)
  assert.match(pair?.publicKey ?? '', /^ssh-ed25519 [A-Za-z0-9+/=]+ k$/)
  assert.deepEqual(keyPairWants(scope), [pair])
})

test('a server of a user that nobody declared is refused by name, and the other steps go on', () => {
  const servers = [{ name: 's', project: 'p', user: 'nobody', flavor: 'f', image: 'i', networks: ['n'] }]
  const world = new TestWorld(clusterOf({ identity, bootstrap: { servers } }))
  assert.throws(() => serverWants(world.scope()), /bootstrap\.servers\[s\]\.user: nobody is none of identity\.users; declare it there/)
  const plan = world.plan()
  assert.equal(plan.find(({ id }) => id === 'bootstrap/servers')?.problem?.reason, 'NotFound')
  assert.equal(plan.find(({ id }) => id === 'mariadb')?.state, 'Progressing')
})
