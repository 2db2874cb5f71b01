// The judges of health, run by Argo CD itself over recorded states, in the layout of its own customizations.

import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { load } from 'js-yaml'
import { run } from '../../local/command.ts'
import { argocdProgram } from './argocd.ts'

const FOLDER = join(import.meta.dirname, '../../manifests/argocd')

interface HealthTests {
  readonly tests: readonly { readonly inputPath: string; readonly healthStatus: { readonly status: string; readonly message: string } }[]
}

const files = await Array.fromAsync(glob('resource_customizations/*/*/health_test.yaml', { cwd: FOLDER }))

describe("Argo CD's view of recorded states", () => {
  let program: string
  before(async () => (program = await argocdProgram()))

  test('every kind has tests', async () => {
    const judges = await Array.fromAsync(glob('resource_customizations/*/*/health.lua', { cwd: FOLDER }))
    assert.deepEqual(files.map(dirname).toSorted(), judges.map(dirname).toSorted())
  })

  for (const file of files) {
    const folder = join(FOLDER, dirname(file))
    test(dirname(file), async (t) => {
      const { tests } = load(await readFile(join(FOLDER, file), 'utf8')) as HealthTests
      for (const { inputPath, healthStatus } of tests) {
        await t.test(inputPath, async () => {
          const settings = ['--argocd-cm-path', join(FOLDER, 'argocd-cm.yaml')]
          const told = await run(program, ['admin', 'settings', 'resource-overrides', 'health', join(folder, inputPath), ...settings], {
            env: { ARGOCD_BINARY_NAME: 'argocd' },
          })
          assert.equal(told.trim(), `STATUS: ${healthStatus.status}\nMESSAGE: ${healthStatus.message}`.trim())
        })
      }
    })
  }
})
