import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KubeError } from '../operator/kube/error.ts'
import type { KubeObject } from '../operator/kube/types.ts'
import { findCloud, titleOf } from './cluster.ts'
import type { Wanted } from './cluster.ts'

const cloud = (namespace: string, name = 'teruwa'): KubeObject => ({ apiVersion: 'v1', kind: 'OpenStackCluster', metadata: { name, namespace } })

/** Who sees these clouds, and may look into all namespaces at once or not. */
async function found(clouds: readonly KubeObject[], wanted: Partial<Wanted> = {}, mayList = true): Promise<string> {
  const list = (_type: unknown, { namespace }: { readonly namespace?: string }) =>
    namespace === undefined && !mayList
      ? Promise.reject(new KubeError({ method: 'GET', path: '/', status: 403 }))
      : Promise.resolve({ resourceVersion: '1', items: clouds.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace) })
  return titleOf(await findCloud({ list }, { namespace: 'default', said: false, everywhere: false, ...wanted }))
}

test('the cloud of the namespace comes before others, and the only one there is needs no namespace', async () => {
  assert.equal(await found([cloud('a'), cloud('default')]), 'default/teruwa')
  assert.equal(await found([cloud('a')]), 'a/teruwa')
  assert.equal(await found([cloud('a'), cloud('b', 'other')], { name: 'other' }), 'b/other')
  assert.equal(await found([cloud('a'), cloud('b')], { namespace: 'b', said: true }), 'b/teruwa')
})

test('none, and several, are told', async () => {
  await assert.rejects(found([cloud('a'), cloud('b')]), /^Error: there are several clouds: a\/teruwa, b\/teruwa; say which with --namespace$/)
  await assert.rejects(found([cloud('a'), cloud('default')], { everywhere: true }), /several clouds/)
  await assert.rejects(found([cloud('a')], { said: true }), /^Error: there is no OpenStackCluster in namespace default$/)
  await assert.rejects(found([cloud('a')], { name: 'x' }), /no OpenStackCluster x in namespace default, nor in another one/)
  await assert.rejects(found([], { everywhere: true }), /no OpenStackCluster in any namespace/)
})

test('who may look into one namespace only hears of that', async () => {
  assert.equal(await found([cloud('a'), cloud('default')], {}, false), 'default/teruwa')
  await assert.rejects(found([cloud('a')], {}, false), /no OpenStackCluster in namespace default/)
})

test('a cluster without the operator is told as such', async () => {
  const list = () => Promise.reject(new KubeError({ method: 'GET', path: '/', status: 404 }))
  await assert.rejects(findCloud({ list }, { namespace: 'default', said: false, everywhere: false }), /the operator is not installed/)
})
