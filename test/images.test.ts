import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageNames } from '../images/tags.ts'
import { clusterOf, EVERYTHING, TestWorld } from '../operator/cluster/test-world.ts'

interface WithPods {
  readonly template?: { readonly spec: { readonly containers: readonly { readonly image: string }[] } }
}

test('each image that pods of a cloud name is built here', () => {
  const world = new TestWorld(clusterOf(EVERYTHING))
  world.namedSecrets.set('ceph', { keyring: `[client.cinder]\nkey = ${'A'.repeat(38)}==` })
  const pods = world.plan().flatMap(({ objects }) => objects.flatMap(({ spec }) => (spec as WithPods | undefined)?.template?.spec.containers ?? []))
  const named = new Set(pods.map(({ image }) => image.replace(/^teruwa\/(.*):zed-0$/, '$1')))
  assert.ok(named.has('cinder') && named.has('libvirt'), 'all of a cloud is there')
  assert.deepEqual(
    [...named].filter((name) => !imageNames.includes(name)),
    [],
  )
})
