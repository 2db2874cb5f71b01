import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assignmentKey, planEndpoints } from './identity-diff.ts'
import { planActions } from './resource.ts'

const want = { service: 'image', serviceName: 'glance', interface: 'public', region: 'R', url: 'http://new' } as const
const ids = new Map([['image/glance', 's1']])
const endpoint = { id: 'e1', service_id: 's1', interface: 'public', region_id: 'R', url: 'http://old', enabled: true }

test('an endpoint at another URL is updated in place', () => {
  const plan = planEndpoints([want], [endpoint, { ...endpoint, id: 'e2', interface: 'internal' }, { ...endpoint, id: 'e3', service_id: 'other' }], ids)
  assert.deepEqual(plan.stale, [])
  const [action] = planActions('endpoint', plan.wanted, plan.kept)
  assert.deepEqual(action?.do === 'update' && [action.id, action.body], ['e1', { url: 'http://new' }])
})

test('of two for the same place the one with the right URL stays and the other goes', () => {
  const plan = planEndpoints([want], [endpoint, { ...endpoint, id: 'e2', url: 'http://new' }], ids)
  assert.deepEqual(
    plan.kept.map(({ id }) => id),
    ['e2'],
  )
  assert.deepEqual(
    plan.stale.map(({ id }) => id),
    ['e1'],
  )
  assert.deepEqual(
    planActions('endpoint', plan.wanted, plan.kept).map((action) => action.do),
    ['nothing'],
  )
})

test('an endpoint of a service that nobody declared is refused', () => {
  assert.throws(() => planEndpoints([want], [], new Map()), /there is no service glance of type image/)
})

test('an assignment’s key is its path; an inherited one is another', () => {
  const role = { id: 'r' }
  const user = { id: 'u' }
  assert.equal(assignmentKey({ role, user, scope: { project: { id: 'p' } } }), '/projects/p/users/u/roles/r')
  assert.equal(assignmentKey({ role, user, scope: { domain: { id: 'd' } } }), '/domains/d/users/u/roles/r')
  assert.equal(assignmentKey({ role, user, scope: { system: { all: true } } }), '/system/users/u/roles/r')
  assert.equal(assignmentKey({ role, group: { id: 'g' }, scope: { project: { id: 'p' } } }), '/projects/p/groups/g/roles/r')
  assert.notEqual(assignmentKey({ role, user, scope: { project: { id: 'p' }, 'OS-INHERIT:inherited_to': 'projects' } }), '/projects/p/users/u/roles/r')
})
