import assert from 'node:assert/strict'
import { test } from 'node:test'
import { annotations } from '../api/v1alpha1/index.ts'
import { clusterOf, TestWorld } from '../cluster/test-world.ts'
import type { UploadImage } from './images.ts'
import { imageStep } from './images.ts'

const source = { url: 'https://example.com/disk' }

function world(...images: readonly Record<string, unknown>[]): TestWorld {
  const found = new TestWorld(clusterOf({ bootstrap: { images } }))
  found.results.set('bootstrap/images', { fingerprint: '', result: { ready: false, message: '', data: { images: {} } } })
  return found
}

function jobs(found: TestWorld) {
  return (imageStep(found.scope()).objects?.(found.scope()) ?? []).map(({ metadata, spec }) => {
    const { template } = spec as {
      template: { metadata: { annotations: Record<string, string> }; spec: { containers: { env: { name: string; value: string }[] }[] } }
    }
    const upload = template.spec.containers[0]?.env.find(({ name }) => name === 'UPLOAD_IMAGE')?.value ?? '{}'
    return { name: metadata.name, annotations: template.metadata.annotations, upload: JSON.parse(upload) as UploadImage }
  })
}

test('aki, ari and ami are wrapped in what has their name, the others in nothing, and a declared wrapping stays', () => {
  const found = world(
    { name: 'a', diskFormat: 'aki', source },
    { name: 'b', diskFormat: 'vmdk', source },
    { name: 'c', diskFormat: 'vmdk', containerFormat: 'ova', source },
  )
  assert.deepEqual(
    jobs(found).map(({ upload }) => upload.image.containerFormat),
    ['aki', 'bare', 'ova'],
  )
})

test('a Job that uploads tells of its progress, which is what the step says', () => {
  const found = world({ name: 'a', source }, { name: 'b', source })
  const [first, second] = jobs(found)
  assert.ok(first && second)
  assert.equal(first.annotations[annotations.tellsProgress], '')
  assert.equal(imageStep(found.scope()).progress?.(found.scope()), '')
  found.pods = [first, second].map(({ name }) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `${name}-x`, labels: { 'app.kubernetes.io/name': name } },
  }))
  found.said.set(`${first.name}-x`, 'image a: 120 of 340 MiB')
  assert.equal(imageStep(found.scope()).progress?.(found.scope()), 'image a: 120 of 340 MiB')
  found.said.set(`${second.name}-x`, 'image b: 3 MiB')
  assert.equal(imageStep(found.scope()).progress?.(found.scope()), 'image a: 120 of 340 MiB, image b: 3 MiB')
})
