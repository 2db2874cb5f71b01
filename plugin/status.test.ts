import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Hypervisor } from '../operator/api/v1alpha1/index.ts'
import { apiVersion } from '../operator/api/v1alpha1/index.ts'
import { clusterOf } from '../operator/cluster/test-world.ts'
import { painter } from './output.ts'
import { badConditions, changes, statusJson, statusLines } from './status.ts'
import { cloudAfter, NOW, viewOf } from './test-cloud.ts'

const style = { paint: painter({ colour: false }), now: NOW, all: false }
const DONE = 12

const hypervisor = (node: string, state: 'Up' | 'Silent', message?: string): Hypervisor => ({
  apiVersion,
  kind: 'Hypervisor',
  metadata: { name: node, namespace: 'openstack' },
  spec: { cluster: 'teruwa', node },
  status: { state, since: '2026-01-01T00:00:30Z', servers: 2, ...(message === undefined ? {} : { message }) },
})

test('a cloud that is ready: a line a part, nothing of what is switched off, and no condition', () => {
  const text = statusLines(viewOf(cloudAfter(DONE), [hypervisor('node-1', 'Up')]), style).join('\n')
  assert.match(text, /^Cloud openstack\/teruwa {2}OpenStack zed, made 2m ago\n✔ Ready since \S+: \d+ of \d+ steps are ready, 1 of 1 hypervisors are up\n/)
  assert.match(text, /^ {2}✔ keystone {3}5 steps {3}\d+s$/m)
  assert.doesNotMatch(text, /cinder|Conditions/)
  assert.match(text, /^Hypervisors: 1 of 1 up, 0 guests\n {2}node .*\n {2}node-1 {2}Up {5}90s {4}2$/m)
  assert.match(text, /^Endpoints\n(.*\n)* {2}keystone +http:\/\/10\.0\.0\.1:25000$/m)
})

test('a cloud on its way: what is not ready stands below what it waits for, once', () => {
  const cloud = cloudAfter(3)
  const text = statusLines(viewOf(cloud), style).join('\n')
  assert.match(text, /^✘ Not ready \(Progressing\) since 2m: \d+ of \d+ steps are ready$/m)
  const open = cloud.status?.steps?.filter(({ state }) => state !== 'Ready').map(({ id }) => id) ?? []
  assert.ok(open.length > 10, 'most steps are not ready')
  for (const id of open) assert.equal(text.match(new RegExp(`[▸·✘] ${id}(?: |$)`, 'gm'))?.length, 1, `${id} in\n${text}`)
  assert.match(text, /^ {2}▸ keystone\/schema .*\n(.*\n)*? {2}└─ · keystone\/api\n {2} {3}├─ · keystone\/service-project\n/m)
  assert.doesNotMatch(text, /Conditions/, 'the tree says it all')
  assert.match(statusLines(viewOf(cloud), { ...style, all: true }).join('\n'), /✔ mariadb/)
})

test('a problem is told at the top and at its step', () => {
  const text = statusLines(viewOf(cloudAfter(DONE, { hypervisors: { nodeSelector: { role: 'none' } } })), style).join('\n')
  assert.match(text, /^✘ Not ready \(NoHypervisorNode\) since \S+: compute\/libvirt: no node runs guests: /m)
  assert.match(text, /^ {2}✘ compute\/libvirt {2}\S+ {2}no node runs guests: .*\n {2}└─ · compute\/nova-compute\n {2} {3}└─ · compute\/services\n/m)
  assert.match(text, /^Conditions that say what is wrong\n {2}Degraded=True +NoHypervisorNode +\S+ {2}compute\/libvirt: no node runs guests: /m)
})

test('a cloud that nobody has looked at, and one that has changed since', () => {
  assert.match(statusLines(viewOf(clusterOf()), style).join('\n'), /the operator has not looked at it yet/)
  const ready = cloudAfter(DONE)
  const changed = { ...ready, metadata: { ...ready.metadata, generation: 2 } }
  assert.match(statusLines(viewOf(changed), style).join('\n'), /the operator has not seen the last change of the spec yet/)
})

test('which conditions are bad depends on their type', () => {
  const condition = (type: string, status: 'True' | 'False' | 'Unknown') => ({
    type,
    status,
    reason: 'R',
    message: '',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  })
  const conditions = [condition('Ready', 'True'), condition('Stalled', 'True'), condition('Degraded', 'False'), condition('NovaReady', 'Unknown')]
  assert.deepEqual(
    badConditions({ status: { conditions } }).map(({ type }) => type),
    ['Stalled', 'NovaReady'],
  )
})

test('changes are a line each', () => {
  const lines = changes(viewOf(cloudAfter(3), [hypervisor('node-1', 'Up')]), viewOf(cloudAfter(4), [hypervisor('node-1', 'Silent', 'nothing heard')]), NOW)
  assert.ok(lines.includes('00:02:00 keystone/schema Ready'), lines.join('\n'))
  assert.ok(lines.includes('00:02:00 hypervisor node-1 Silent: nothing heard'))
  assert.deepEqual(changes(viewOf(cloudAfter(3)), viewOf(cloudAfter(3)), NOW), [])
})

test('programs get the same as people', () => {
  const json = JSON.parse(JSON.stringify(statusJson(viewOf(cloudAfter(DONE), [hypervisor('node-1', 'Up')])))) as Record<string, unknown>
  assert.equal(json['ready'], true)
  assert.deepEqual(json['badConditions'], [])
  assert.ok((json['steps'] as { id: string; needs: string[] }[]).some(({ id, needs }) => id === 'keystone/schema' && needs.includes('keystone/database')))
  assert.deepEqual((json['hypervisors'] as { nodes: unknown }).nodes, [{ node: 'node-1', ...hypervisor('node-1', 'Up').status }])
})
