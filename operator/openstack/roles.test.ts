import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingRoles } from './roles.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

test('a role is missing if Keystone has it in no spelling of upper and lower case', async (t) => {
  const url = await listen(t, (request, response) => {
    if (request.method === 'POST') response.setHeader('x-subject-token', 'token')
    const grant = { expires_at: '2999-01-01T00:00:00Z', user: { id: 'admin' } }
    response.end(JSON.stringify(request.method === 'POST' ? { token: grant } : { roles: [{ id: 'r', name: 'Operator' }] }))
  })
  const session = new Session({ authUrl: url, username: 'admin', password: 'x' })
  const wants = [
    { policy: 'policies.nova[a]', role: 'operator' },
    { policy: 'policies.nova[b]', role: 'visitor' },
  ]
  assert.deepEqual(await missingRoles(session, wants), [wants[1]])
})
