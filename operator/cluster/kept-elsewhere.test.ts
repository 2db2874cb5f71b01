import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from './credentials.ts'
import { keepingOf } from './kept-elsewhere.ts'
import * as registry from '../services/index.ts'
import type { ServiceDefinition } from '../services/definition.ts'
import { clusterOf, EVERYTHING, TestWorld } from './test-world.ts'

const world = new TestWorld(
  clusterOf({ ...EVERYTHING, identity: { users: [{ name: 'my.user' }] }, bootstrap: { keyPairs: [{ name: 'mykey', user: 'my.user' }] } }),
)
const scope = world.scope()
const secrets = new Map(world.plan().flatMap(({ objects }) => objects.map((object) => [`${object.kind}/${object.metadata.name}`, object] as const)))

const ofServices = Object.values(registry).flatMap(({ keeping }: ServiceDefinition) => Object.keys(keeping ?? {}))

for (const name of [...ofServices, 'rabbitmq.admin', 'user.my.user', 'keypair.mykey']) {
  test(`${name} is read again from the Secret that is made from it`, () => {
    const keeping = keepingOf('teruwa', name)
    const copy = secrets.get(`Secret/${keeping?.secret}`)
    assert.equal(keeping?.read(decode(copy?.data)), scope.credential(name))
  })
}

test('what the operator sets wherever it is used can be made anew', () => {
  for (const name of ['mariadb.root', 'nova.database', 'nova.messaging', 'nova.keystone', 'horizon.secret-key'])
    assert.equal(keepingOf('teruwa', name), undefined)
})

test('a Secret that holds something else gives nothing', () => {
  for (const name of ['keystone.admin', 'rabbitmq.admin', 'keypair.mykey'])
    assert.equal(keepingOf('teruwa', name)?.read({ 'ssh-privatekey': 'none' }), undefined)
})
