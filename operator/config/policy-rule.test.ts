import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rolesOf } from './policy-rule.ts'

test('the roles that a rule names, wherever they stand', () => {
  assert.deepEqual(rolesOf('role:member and project_id:%(project_id)s'), ['member'])
  assert.deepEqual(rolesOf('rule:admin_only or (role:Operator and not (role:guest or role:%(target.role)s))'), ['Operator', 'guest'])
  assert.deepEqual(rolesOf("is_admin:True OR 'public':%(visibility)s"), [])
  assert.deepEqual(rolesOf('not not role:a'), ['a'])
})

test('everybody, nobody and nothing are rules', () => {
  for (const rule of ['', '@', '!', '(@)']) assert.deepEqual(rolesOf(rule), [])
})

for (const rule of [
  'role:member and',
  'and role:member',
  'role:a role:b',
  '(role:a',
  'role:a)',
  'member',
  '()',
  '   ',
  "'role:a'",
  'role:a or or role:b',
  'not',
]) {
  test(`oslo.policy cannot read ${JSON.stringify(rule)}`, () => {
    assert.throws(() => rolesOf(rule), RangeError)
  })
}
