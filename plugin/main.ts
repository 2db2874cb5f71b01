// kubectl teruwa: looks at a cloud, with nothing but a kubeconfig.

import { processOutput } from './output.ts'
import { run } from './run.ts'

// Who reads a part of the answer, as `head` does, has had enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))
void main()

async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), processOutput())
}
