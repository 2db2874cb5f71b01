import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KubeObject } from '../operator/kube/types.ts'
import { serviceNames, sourcesOf } from './logs.ts'

const pod = (name: string, app: string, service: string, ...containers: string[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { 'app.kubernetes.io/name': app, 'app.kubernetes.io/component': service } },
  spec: { containers: containers.map((each) => ({ name: each })) },
})
const pods = [
  pod('nova-compute-b', 'nova-compute', 'nova', 'nova-compute', 'lock'),
  pod('nova-api-a', 'nova-api', 'nova', 'nova-api'),
  pod('nova-schema-3eb13a3179-x', 'nova-schema-3eb13a3179', 'nova', 'schema'),
  pod('mariadb-0', 'mariadb', 'mariadb', 'mariadb'),
]

test('the names are those of services and their parts; a Job has no hash in it', () => {
  assert.deepEqual(serviceNames(pods), ['mariadb', 'nova', 'nova-api', 'nova-compute', 'nova-schema'])
})

test('lines begin with the pod where there are several, and with the container where that is not clear', () => {
  const prefixes = (name: string) => sourcesOf(pods, name).map(({ container, prefix }) => [container, prefix])
  assert.deepEqual(prefixes('mariadb'), [['mariadb', '']])
  assert.deepEqual(prefixes('nova-schema'), [['schema', '']])
  assert.deepEqual(prefixes('nova'), [
    ['nova-api', '[nova-api-a] '],
    ['nova-compute', '[nova-compute-b/nova-compute] '],
    ['lock', '[nova-compute-b/lock] '],
    ['schema', '[nova-schema-3eb13a3179-x] '],
  ])
  assert.deepEqual(prefixes('nov'), [])
})
