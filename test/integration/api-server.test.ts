import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiServer } from './api-server.ts'
import { kubectlFor } from './kubernetes.ts'
import { rawApi } from './raw-api.ts'

test('an API server with a controller manager collects what an owner leaves behind, and ends its processes', async (t) => {
  const server = await apiServer({ controllerManager: ['garbage-collector-controller', 'namespace-controller', 'serviceaccount-controller'] })
  let stopped = false
  t.after(() => (stopped ? undefined : server.stop()))
  const kubectl = await kubectlFor(server)
  await kubectl.run(['create', 'configmap', 'owner'])
  const uid = await kubectl.run(['get', 'configmap', 'owner', '--output', 'jsonpath={.metadata.uid}'])
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid }]
  const child = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'child', ownerReferences } }
  await kubectl.run(['create', '-f', '-'], { input: JSON.stringify(child) })
  await kubectl.run(['delete', 'configmap', 'owner'])
  await kubectl.run(['wait', '--for=delete', 'configmap/child', '--timeout=30s'])
  await server.stop()
  stopped = true
  const api = rawApi(server.kubeconfig)
  await assert.rejects(api.request('GET', '/readyz'))
  await api.close()
})
