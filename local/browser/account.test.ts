import assert from 'node:assert/strict'
import { test } from 'node:test'
import { accountOf } from './account.ts'

const yaml = `
clouds:
  teruwa-demo:
    auth: { username: myuser, password: p, user_domain_name: Staff }
  token-only:
    auth: { token: t }
`

test('the account of a cloud, with its domain', () => {
  assert.deepEqual(accountOf(yaml, 'teruwa-demo'), { username: 'myuser', password: 'p', domain: 'Staff' })
})

test('a cloud that is not there, or that nobody can log in with, is refused with those that are', () => {
  assert.throws(() => accountOf(yaml, 'teruwa-nobody'), /teruwa-nobody.*teruwa-demo, token-only/)
  assert.throws(() => accountOf(yaml, 'token-only'), /username and a password/)
  assert.throws(() => accountOf('{}', 'teruwa'), /none at all/)
})
