import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { ensureGoModule } from '../../local/build.ts'
import { run } from '../../local/command.ts'
import { apiServer } from './api-server.ts'
import { rawApi } from './raw-api.ts'

test('an API server with a controller manager collects what an owner leaves behind, and ends its processes', async (t) => {
  const kubectl = join(await ensureGoModule('kubernetes'), 'kubectl')
  const server = await apiServer({ controllerManager: ['garbage-collector-controller', 'namespace-controller', 'serviceaccount-controller'] })
  let stopped = false
  t.after(() => (stopped ? undefined : server.stop()))
  const ask = (...args: string[]) => run(kubectl, ['--kubeconfig', server.kubeconfigPath, ...args])
  await ask('create', 'configmap', 'owner')
  const uid = await ask('get', 'configmap', 'owner', '--output', 'jsonpath={.metadata.uid}')
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
  const child = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'child', ownerReferences } }
  await run(kubectl, ['--kubeconfig', server.kubeconfigPath, 'create', '-f', '-'], { input: JSON.stringify(child) })
  await ask('delete', 'configmap', 'owner')
  await ask('wait', '--for=delete', 'configmap/child', '--timeout=30s')
  await server.stop()
  stopped = true
  const api = rawApi(server.kubeconfig)
  await assert.rejects(api.request('GET', '/readyz'))
  await api.close()
})
