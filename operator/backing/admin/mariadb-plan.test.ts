import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nativeHash, planDatabases, statementsByHand } from './mariadb-plan.ts'
import type { DatabaseState } from './mariadb-plan.ts'

const empty: DatabaseState = { databases: new Set(), passwords: new Map(), grants: new Map() }
const nova = ['nova_api', 'nova'].map((database) => ({ database, user: 'nova', password: "it's" }))

test('everything is made on an empty server, a shared user once', () => {
  assert.deepEqual(
    planDatabases(nova, empty, new Set()).map(({ sql }) => sql),
    [
      'CREATE DATABASE IF NOT EXISTS `nova_api` CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      'CREATE DATABASE IF NOT EXISTS `nova` CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci',
      "CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY 'it''s'",
      String.raw`GRANT ALL PRIVILEGES ON ${'`'}nova\_api${'`'}.* TO 'nova'@'%'`,
      "GRANT ALL PRIVILEGES ON `nova`.* TO 'nova'@'%'",
    ],
  )
})

test('nothing is done where all is there, whether the grant was written as a pattern or as a name', () => {
  const grants = [
    "GRANT USAGE ON *.* TO `nova`@`%` IDENTIFIED BY PASSWORD '*0'",
    'GRANT ALL PRIVILEGES ON `nova_api`.* TO `nova`@`%`',
    'GRANT ALL PRIVILEGES ON `nova`.* TO `nova`@`%`',
  ]
  const state: DatabaseState = {
    databases: new Set(['nova', 'nova_api']),
    passwords: new Map([['nova', { plugin: 'p', hash: '' }]]),
    grants: new Map([['nova', grants]]),
  }
  assert.deepEqual(planDatabases(nova, state, new Set()), [])
  const escaped = grants.map((line) => line.replace('nova_api', String.raw`nova\_api`))
  assert.deepEqual(planDatabases(nova, { ...state, grants: new Map([['nova', escaped]]) }, new Set()), [])
})

test('a wrong password is set, a lesser grant does not count, and changes never hold the password', () => {
  const state: DatabaseState = {
    databases: new Set(['nova', 'nova_api']),
    passwords: new Map([['nova', { plugin: 'p', hash: '' }]]),
    grants: new Map([['nova', ['GRANT SELECT ON `nova`.* TO `nova`@`%`', 'GRANT ALL PRIVILEGES ON `nova_api`.* TO `nova`@`%`']]]),
  }
  const plan = planDatabases(nova, state, new Set(['nova']))
  assert.deepEqual(
    plan.map(({ change }) => `${change.action} ${change.kind} ${change.name}`),
    ['updated database user nova', 'created database grant nova on nova'],
  )
  assert.ok(!JSON.stringify(plan.map(({ change }) => change)).includes("it's"))
})

test('what could end a literal of SQL is refused', () => {
  const escape = { database: 'd', user: 'u', password: String.raw`\' OR 1` }
  assert.throws(() => planDatabases([escape], empty, new Set()), RangeError)
})

test('the native hash is that of MariaDB’s PASSWORD()', () => {
  // SELECT PASSWORD('mariadb'), from MariaDB's documentation of mysql_native_password
  assert.equal(nativeHash('mariadb'), '*54958E764CE10E50764C2EECBB71D01F08549980')
})

test('what a person is to run may be run again, sets the password where the user is there, and does not hold it', () => {
  const statements = statementsByHand(nova)
  assert.deepEqual(statements.slice(2, 4), ["CREATE USER IF NOT EXISTS 'nova'@'%'", "ALTER USER 'nova'@'%' IDENTIFIED BY 'PASSWORD'"])
  assert.equal(statements.length, 6)
  assert.ok(!statements.join().includes("it''s"))
})
