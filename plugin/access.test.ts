import assert from 'node:assert/strict'
import { test } from 'node:test'
import { load } from 'js-yaml'
import { mergeClouds } from './access.ts'

function one(username: string): string {
  return `clouds:\n  teruwa:\n    auth: {username: ${username}}\n`
}

void test('clouds of several users become one file, each under its own name', () => {
  const merged = load(
    mergeClouds([
      { as: ['teruwa'], clouds: one('admin') },
      { as: ['teruwa-demo', 'teruwa-myuser'], clouds: one('myuser') },
    ]),
  )
  assert.deepEqual(merged, {
    clouds: { teruwa: { auth: { username: 'admin' } }, 'teruwa-demo': { auth: { username: 'myuser' } }, 'teruwa-myuser': { auth: { username: 'myuser' } } },
  })
})
