import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { passwordMatches, planMessaging } from './rabbitmq-plan.ts'
import type { ListedUser, MessagingWant } from './rabbitmq-plan.ts'

const want: MessagingWant = { user: 'nova', password: 'secret', vhost: 'nova' }
const all = { configure: '.*', write: '.*', read: '.*' }

function stored(password: string, algorithm = 'sha256'): string {
  const salt = Buffer.from([1, 2, 3, 4])
  return Buffer.concat([salt, createHash(algorithm).update(salt).update(password).digest()]).toString('base64')
}

const user: ListedUser = { name: 'nova', password_hash: stored('secret'), hashing_algorithm: 'rabbit_password_hashing_sha256', tags: [] }

test('user and virtual host come before the permission', () => {
  const plan = planMessaging([want], { users: [], vhosts: ['/'], permissions: [] })
  assert.deepEqual(
    plan.usersAndHosts.map(({ path }) => path),
    ['/api/users/nova', '/api/vhosts/nova'],
  )
  assert.deepEqual(plan.permissions, [
    { path: '/api/permissions/nova/nova', body: all, change: { action: 'created', kind: 'broker permission', name: 'nova in nova' } },
  ])
})

test('nothing is done where all is there', () => {
  const plan = planMessaging([want], { users: [user], vhosts: ['/', 'nova'], permissions: [{ user: 'nova', vhost: 'nova', ...all }] })
  assert.deepEqual(plan, { usersAndHosts: [], permissions: [] })
})

test('tags, password and permissions are mended, each where it differs', () => {
  const permissions = [{ user: 'nova', vhost: 'nova', ...all, write: '' }]
  const plan = planMessaging([{ ...want, tags: ['b', 'a'], password: 'new' }], { users: [{ ...user, tags: 'a,b' }], vhosts: ['nova'], permissions })
  assert.deepEqual(
    plan.usersAndHosts.map(({ change }) => change.fields),
    [['password']],
  )
  assert.deepEqual(
    plan.permissions.map(({ change }) => change.action),
    ['updated'],
  )
  const tagged = planMessaging([{ ...want, tags: ['monitoring'] }], { users: [user], vhosts: ['nova'], permissions })
  assert.deepEqual(tagged.usersAndHosts[0]?.change.fields, ['tags'])
})

test('the default virtual host is named in a path', () => {
  const plan = planMessaging([{ user: 'a', password: 'b' }], { users: [], vhosts: ['/'], permissions: [] })
  assert.deepEqual(
    plan.permissions.map(({ path }) => path),
    ['/api/permissions/%2F/a'],
  )
})

test('a hash of RabbitMQ’s documentation matches its password', () => {
  // https://www.rabbitmq.com/docs/passwords#computing-password-hash: "test12", salt 908D C60A
  assert.ok(passwordMatches({ name: 'u', tags: '', password_hash: 'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR' }, 'test12'))
  assert.ok(!passwordMatches(user, 'other'))
  assert.ok(passwordMatches({ ...user, password_hash: stored('secret', 'sha512'), hashing_algorithm: 'rabbit_password_hashing_sha512' }, 'secret'))
})
