import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DashboardVisitor } from '../../local/verify/dashboard.ts'
import { eventually } from '../../local/verify/guest.ts'
import { CLOUD } from './environment.ts'
import type { Environment } from './environment.ts'
import { makeVolume } from './volumes.ts'

interface Agent {
  readonly Binary: string
  readonly Host: string
}

/** Apps that go and come back. */
const SWITCHED = ['horizon-web', 'nova-metadata', 'neutron-metadata-agent', 'etcd', 'cinder-api', 'cinder-scheduler', 'cinder-volume-ceph', 'cinder-backup']

/** What a cloud can do without goes and comes back, and nothing else notices. */
export function switchTests(env: () => Environment): void {
  test('the dashboard, Cinder, metadata and etcd are switched off and on again; no other pod restarts, and their data is found again', async () => {
    const kubectl = (...args: readonly string[]) => env().in(...args)
    // Cinder's schema is looked at anew when it is switched on.
    const pods = () =>
      env().runningPods((labels) => !SWITCHED.includes(labels['app.kubernetes.io/name'] ?? '') && labels['app.kubernetes.io/component'] !== 'cinder')
    const kept = async () => ({
      credentials: await env().secret(`${CLOUD}-credentials`),
      volume: await kubectl('get', 'persistentvolumeclaim', 'data-etcd-0', '-o', 'jsonpath={.metadata.uid}'),
    })
    const [admin, user] = [await env().client('admin'), await env().client('myuser')]
    const volume = await makeVolume(user, 'kept')
    const catalogue = async () => (await admin.json<{ Type: string }[]>('catalog', 'list')).map(({ Type }) => Type)
    const [podsBefore, keptBefore] = [await pods(), await kept()]

    const set = (enabled: boolean) =>
      env().change({ services: { horizon: { enabled }, cinder: { enabled }, nova: { metadata: { enabled } } }, backing: { coordination: { enabled } } })
    await set(false)
    const off = await env().ready(120)
    assert.deepEqual(
      off.status?.endpoints?.filter(({ service }) => ['horizon', 'cinder'].includes(service)),
      [],
      'endpoints go with their services',
    )
    assert.ok(!(await catalogue()).includes('volumev3'), 'Cinder has left the catalogue')
    await eventually('every object of what was switched off to be gone', 90, async () => {
      const names = await Promise.all(
        SWITCHED.map((app) => kubectl('get', 'pods,services,deployments,statefulsets,daemonsets', '-l', `app.kubernetes.io/name=${app}`, '-o', 'name')),
      )
      return names.join('') === ''
    })
    // Neutron takes an agent for dead after 75 s; only then is it forgotten.
    await eventually('the metadata agents to be forgotten by Neutron', 180, async () => {
      const agents = await admin.json<Agent[]>('network', 'agent', 'list')
      return !agents.some(({ Binary }) => Binary === 'neutron-metadata-agent')
    })

    await set(true)
    const on = await env().ready(180)
    assert.deepEqual(await pods(), podsBefore, 'no other pod was replaced or restarted')
    assert.deepEqual(await kept(), keptBefore)
    const url = on.status?.endpoints?.find(({ service }) => service === 'horizon')?.public ?? ''
    const page = await new DashboardVisitor(url).get('/auth/login/')
    assert.equal(page.status, 200, page.text.slice(0, 300))
    assert.ok((await catalogue()).includes('volumev3'))
    assert.equal((await user.json<{ status: string }>('volume', 'show', volume)).status, 'available', 'the volume is found again')
    await user.text('volume', 'delete', volume)
    await user.boot('vm-metadata', '--flavor', 'm1.tiny', '--image', 'teruwa-guest', '--network', 'selfservice')
    await eventually('metadata in the console log of vm-metadata', 120, async () =>
      /metadata instance-id=/.test(await user.text('console', 'log', 'show', 'vm-metadata')),
    )
    await user.text('server', 'delete', '--wait', 'vm-metadata')
  })
}
