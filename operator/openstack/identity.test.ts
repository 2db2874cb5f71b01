import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { ensureIdentity } from './identity.ts'
import { Session } from './session.ts'
import { listen } from './test-server.ts'

/** A Keystone with one project, one user and one group, which remembers what was put. */
async function keystone(t: TestContext): Promise<{ session: Session; puts: string[]; assignments: unknown[]; members: string[] }> {
  const puts: string[] = []
  const assignments: unknown[] = []
  const members: string[] = []
  const lists: Record<string, () => unknown> = {
    '/domains': () => ({ domains: [{ id: 'default', name: 'Default' }] }),
    '/projects': () => ({ projects: [{ id: 'p', name: 'project', domain_id: 'default', enabled: true }] }),
    '/roles': () => ({ roles: [{ id: 'r', name: 'reader' }] }),
    '/users': () => ({ users: [{ id: 'u', name: 'user', domain_id: 'default' }] }),
    '/groups': () => ({ groups: [{ id: 'g', name: 'auditors', domain_id: 'default' }] }),
    '/groups/g/users': () => ({ users: members.map((id) => ({ id })) }),
    '/role_assignments': () => ({ role_assignments: assignments }),
  }
  const url = await listen(t, (request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://test')
    if (pathname === '/auth/tokens') {
      const body = { token: { expires_at: '2999-01-01T00:00:00Z', user: { id: 'admin' } } }
      response.writeHead(201, { 'x-subject-token': 'token' }).end(JSON.stringify(body))
    } else if (request.method === 'PUT') {
      puts.push(pathname)
      response.writeHead(204).end()
    } else {
      const body = lists[pathname]?.()
      response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? {}))
    }
  })
  return { session: new Session({ authUrl: url, username: 'admin', password: 'x' }), puts, assignments, members }
}

const want = {
  groups: [{ name: 'auditors' }],
  memberships: [{ user: 'user', group: 'auditors' }],
  roleAssignments: [
    { group: 'auditors', role: 'reader', project: 'project' },
    { group: 'auditors', role: 'reader', domain: 'Default' },
    { group: 'auditors', role: 'reader', system: 'all' },
  ],
} as const

test('a group’s roles and members are put back one by one, and those of others stay', async (t) => {
  const { session, puts, assignments, members } = await keystone(t)
  assignments.push({ role: { id: 'r' }, group: { id: 'g' }, scope: { domain: { id: 'default' } } })
  assignments.push({ role: { id: 'other' }, group: { id: 'g' }, scope: { project: { id: 'p' } } })
  members.push('somebody')
  await ensureIdentity(session, want)
  assert.deepEqual(puts.toSorted(), ['/groups/g/users/u', '/projects/p/groups/g/roles/r', '/system/groups/g/roles/r'])
})

test('with everything there, nothing is put', async (t) => {
  const { session, puts, assignments, members } = await keystone(t)
  for (const scope of [{ domain: { id: 'default' } }, { project: { id: 'p' } }, { system: { all: true } }])
    assignments.push({ role: { id: 'r' }, group: { id: 'g' }, scope })
  members.push('u')
  assert.deepEqual((await ensureIdentity(session, want)).changes, [])
  assert.deepEqual(puts, [])
})

test('what is referred to and is nowhere is named, with the field that would declare it', async (t) => {
  const { session } = await keystone(t)
  await assert.rejects(ensureIdentity(session, { memberships: [{ user: 'user', group: 'nobody' }] }), {
    reason: 'NotFound',
    message: 'there is no group nobody in domain Default: declare it in identity.groups, or make it',
  })
  await assert.rejects(ensureIdentity(session, { memberships: [{ user: 'nobody', group: 'auditors' }] }), /there is no user nobody in domain Default/)
  await assert.rejects(
    ensureIdentity(session, { roleAssignments: [{ group: 'auditors', role: 'reader', project: 'nowhere' }] }),
    /there is no project nowhere in domain Default: declare it in identity\.projects/,
  )
})
