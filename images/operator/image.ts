import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { crd, hypervisorCrd } from '../../operator/api/crd.ts'
import { defineImage } from '../definition.ts'
import { bundleOperator } from './bundle.ts'

const require = createRequire(import.meta.url)

/** The pinned Node.js: the `node` package's own version and binary. */
function pinnedNode(): { version: string; binary: string } {
  const manifest = require.resolve('node/package.json')
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }
  return { version, binary: join(dirname(manifest), 'bin', 'node') }
}

/** The operator, bundled, with the Node.js that it was tested with and the tags of the images that it starts. */
export default defineImage({
  build: 'last',
  parent: 'base',
  env: {
    NODE_ENV: 'production',
    // It waits most of the time and makes little garbage: V8's default of 16 MB for new objects, and glibc's arena for each thread, would only be kept.
    // With 1 MB a quarter of what a look at a cloud makes outlives its collection, and is garbage among the old objects soon after.
    // The chart adds what is no option for here: --optimize-for-size, with which the heap hardly grows with what was garbage, and how much it may grow between
    // two collections of all of it. Left to V8 there was one every 40 s at rest, which was a fifth of what the operator used.
    NODE_OPTIONS: '--max-semi-space-size=4 --v8-pool-size=1',
    MALLOC_ARENA_MAX: '2',
  },
  generate: (tags) => {
    const { version, binary } = pinnedNode()
    const bundle = bundleOperator()
    const definitions = `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [crd(), hypervisorCrd()] })}\n`
    const imagesJson = `${JSON.stringify(tags, null, 2)}\n`
    return [
      { path: '/usr/local/bin/node', from: { file: binary }, identity: version, executable: true },
      { path: '/app/operator.mjs', from: { content: bundle }, identity: bundle },
      // The operator compares them with those of the API server, and `kubectl exec … cat` brings them there.
      { path: '/app/crds.json', from: { content: definitions }, identity: definitions },
      { path: '/app/images.json', from: { content: imagesJson }, identity: imagesJson },
    ]
  },
})
