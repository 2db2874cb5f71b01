// npm run generate: writes what is made from the schema. With --check it writes nothing and fails when a file is stale.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { generated, root } from './generated.ts'

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } })

for (const [path, content] of Object.entries(await generated())) {
  const file = join(root, path)
  const old = await readFile(file, 'utf8').catch(() => undefined)
  if (old === content) continue
  if (values.check) {
    console.error(`${path} is stale: npm run generate`)
    process.exitCode = 1
  } else {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    console.log(`wrote ${path}`)
  }
}
